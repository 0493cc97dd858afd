/** Where the person stands between two emotions, a tick at a time. */
import type { EmotionSegment } from './emotion.ts';
import { LEAD_IN_TICKS, TICKS_PER_S } from './sources.ts';

/** An emotion's effect comes in half a second after its start. */
const TRANSITION_TICKS = 0.5 * TICKS_PER_S;

export class Transition {
  /** The segment that has begun last. */
  segment: EmotionSegment;
  /** How far its effect has replaced that of the segment before, in [0, 1]. */
  progress = 1;
  readonly #segments: Iterator<EmotionSegment, void>;
  #upcoming: EmotionSegment | null;
  #tick = -LEAD_IN_TICKS;

  /** @param segments at least one */
  constructor(segments: Iterator<EmotionSegment, void>) {
    this.#segments = segments;
    this.segment = segments.next().value!;
    this.#upcoming = segments.next().value ?? null;
  }

  /** To the next tick's end. */
  advance(): void {
    this.#tick++;
    if (this.#upcoming !== null && this.#tick > this.#upcoming.startS * TICKS_PER_S) {
      this.segment = this.#upcoming;
      this.#upcoming = this.#segments.next().value ?? null;
    }
    const elapsed = this.#tick - this.segment.startS * TICKS_PER_S;
    const u = this.segment.index === 0 ? 1 : Math.min(1, elapsed / TRANSITION_TICKS);
    this.progress = u * u * (3 - 2 * u);
  }
}
