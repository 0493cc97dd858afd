/** From periods of still gaze to fixations: close ones are merged, short ones dropped. */
import type { GazeEventConfig, GazeTiming } from './config.ts';
import { type GazeEvent, type Saccade, timed } from './event.ts';
import { GazeSpan } from './span.ts';

/**
 * Two periods are one fixation when the first sample of the later one is within 75 ms and 0.5 degrees of the last sample of
 * the earlier one (Olsen 2012); a saccade between them is then discarded. So a period, and the saccades after it, are
 * reported when the next period begins, or can no longer begin in time.
 */
export class FixationMerger {
  readonly #timing: GazeTiming;
  readonly #mergeDeg: number;
  /** The last period, which may continue, and the saccades after it. */
  #earlier = new GazeSpan();
  readonly #between: Saccade[] = [];
  /** The current period; while it grows, there is no last one. */
  #part = new GazeSpan();

  constructor(config: GazeEventConfig, timing: GazeTiming) {
    this.#timing = timing;
    this.#mergeDeg = config.mergeDeg;
  }

  /** The eye is still at sample n. */
  add(n: number, x: number, y: number, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#begin(n, x, y, out);
    this.#part.add(n, x, y);
  }

  /** Adds a whole span that turned out to be still; it directly follows the last sample. */
  addSpan(span: GazeSpan, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#begin(span.start, span.firstX, span.firstY, out);
    this.#part.join(span);
  }

  /** The current period has ended. */
  end(): void {
    if (!this.#part.isEmpty) [this.#earlier, this.#part] = [this.#part, this.#earlier];
  }

  /** A saccade after the last period. */
  saccade(saccade: Saccade, out: GazeEvent[]): void {
    if (this.#earlier.isEmpty) out.push(saccade);
    else this.#between.push(saccade);
  }

  /** Sample n moves: reports a period that can no longer continue. */
  pass(n: number, out: GazeEvent[]): void {
    if (n - this.#earlier.end > this.#timing.merge) this.#release(out);
  }

  /** A loss, or the end of the input: nothing is merged across it. */
  cut(out: GazeEvent[]): void {
    this.end();
    this.#release(out);
  }

  reset(): void {
    this.#earlier.clear();
    this.#part.clear();
    this.#between.length = 0;
  }

  #begin(n: number, x: number, y: number, out: GazeEvent[]): void {
    const { end, lastX, lastY, isEmpty } = this.#earlier;
    const isNear = n - end <= this.#timing.merge && Math.sqrt((x - lastX) ** 2 + (y - lastY) ** 2) < this.#mergeDeg;
    if (!isEmpty && isNear) {
      [this.#earlier, this.#part] = [this.#part, this.#earlier];
      this.#between.length = 0;
    } else {
      this.#release(out);
    }
  }

  #release(out: GazeEvent[]): void {
    const span = this.#earlier;
    if (span.length >= this.#timing.shortestFixation) {
      out.push({
        type: 'fixation',
        ...timed(span.start, span.end, this.#timing.rateHz),
        xDeg: span.x,
        yDeg: span.y,
        dispersionXDeg: span.width,
        dispersionYDeg: span.height,
      });
    }
    span.clear();
    for (const saccade of this.#between) out.push(saccade);
    this.#between.length = 0;
  }
}
