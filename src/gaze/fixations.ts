/** From stretches of still gaze to fixations: near ones are merged, short ones dropped. */
import type { GazeEventConfig, GazeTiming } from './config.ts';
import { type GazeEvent, type Saccade, timed } from './event.ts';
import { GazeSpan } from './span.ts';

/**
 * Two stretches are one fixation when the later one's first sample lies within 75 ms and 0.5 degrees of the earlier
 * one's last (Olsen 2012); a saccade between them was none then. So a stretch, and the saccades behind it, are told
 * when the next one begins, or can no longer begin in time.
 */
export class FixationMerger {
  readonly #timing: GazeTiming;
  readonly #mergeDeg: number;
  /** The stretch that may go on, and the saccades behind it. */
  #earlier = new GazeSpan();
  readonly #between: Saccade[] = [];
  /** The stretch that is growing; while it does, there is no earlier one. */
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

  /** The same for a stretch that has just turned out to be still; it follows what was added last. */
  addSpan(span: GazeSpan, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#begin(span.start, span.firstX, span.firstY, out);
    this.#part.join(span);
  }

  /** The stretch is over. */
  end(): void {
    if (!this.#part.isEmpty) [this.#earlier, this.#part] = [this.#part, this.#earlier];
  }

  /** A saccade, behind the last stretch. */
  saccade(saccade: Saccade, out: GazeEvent[]): void {
    if (this.#earlier.isEmpty) out.push(saccade);
    else this.#between.push(saccade);
  }

  /** Sample n moves: what can't go on any more is told. */
  pass(n: number, out: GazeEvent[]): void {
    if (n - this.#earlier.end > this.#timing.merge) this.#release(out);
  }

  /** Nothing so far has to do with what follows: a loss, or the end. */
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
