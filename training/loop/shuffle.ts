import type { Random } from '../../src/random.ts';

/** Shuffles in place, with every order equally likely (Fisher & Yates). */
export function shuffle<T>(items: { [index: number]: T; readonly length: number }, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
