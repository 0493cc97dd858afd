/** Progress from one emotion to the next, one tick at a time. */
import type { EmotionSegment } from './emotion.ts';
import { LEAD_IN_TICKS, TICKS_PER_S } from './sources.ts';

/** An emotion's effect builds up within half a second of its start. */
const TRANSITION_TICKS = 0.5 * TICKS_PER_S;

export class Transition {
  /** The current segment. */
  segment: EmotionSegment;
  /** How far its effect has replaced that of the previous segment, in [0, 1]. */
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

  /** Advances to the end of the next tick. */
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
