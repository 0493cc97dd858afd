/** From stretches of still gaze to fixations: near ones are merged, short ones dropped. */
import type { GazeEventConfig, GazeTiming } from './gaze-config.ts';
import { type GazeEvent, type Saccade, timed } from './gaze-event.ts';
import { GazeSpan } from './gaze-span.ts';

/**
 * Two stretches are one fixation when the later starts within 75 ms of the earlier's end and lies, by its first 60 ms,
 * within 0.5 degrees of it; a saccade between them was none then. So the earlier one, and the saccades behind it, are
 * told when this is known: at most `mergeMs` and `shortestFixationMs` after its end.
 */
export class FixationMerger {
  readonly #timing: GazeTiming;
  readonly #mergeDeg: number;
  /** The stretch that may turn out to go on, and the saccades behind it. */
  #earlier = new GazeSpan();
  readonly #between: Saccade[] = [];
  /** The stretch that is growing. */
  #part = new GazeSpan();

  constructor(config: GazeEventConfig, timing: GazeTiming) {
    this.#timing = timing;
    this.#mergeDeg = config.mergeDeg;
  }

  /** The eye is still at sample n. */
  add(n: number, x: number, y: number, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#expire(n, out);
    this.#part.add(n, x, y);
    if (!this.#earlier.isEmpty && this.#part.length >= this.#timing.shortestFixation) this.#judge(out);
  }

  /** The same for a stretch that has just turned out to be still; it follows what was added last. */
  addSpan(span: GazeSpan, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#expire(span.start, out);
    this.#part.join(span);
    if (!this.#earlier.isEmpty && this.#part.length >= this.#timing.shortestFixation) this.#judge(out);
  }

  /** The stretch is over. */
  end(out: GazeEvent[]): void {
    if (this.#part.isEmpty) return;
    if (!this.#earlier.isEmpty) this.#judge(out);
    [this.#earlier, this.#part] = [this.#part, this.#earlier];
  }

  /** A saccade, behind the last stretch. */
  saccade(saccade: Saccade, out: GazeEvent[]): void {
    if (this.#earlier.isEmpty) out.push(saccade);
    else this.#between.push(saccade);
  }

  /** Sample n moves, or is lost: what can't go on any more is told. */
  pass(n: number, out: GazeEvent[]): void {
    if (this.#part.isEmpty) this.#expire(n, out);
    else if (!this.#earlier.isEmpty && n - this.#part.start >= this.#timing.shortestFixation) this.#judge(out);
  }

  /** Nothing before the next sample has to do with what follows: a loss, or the end. */
  cut(out: GazeEvent[]): void {
    this.end(out);
    this.#release(out);
  }

  reset(): void {
    this.#earlier.clear();
    this.#part.clear();
    this.#between.length = 0;
  }

  #expire(n: number, out: GazeEvent[]): void {
    if (!this.#earlier.isEmpty && n - this.#earlier.end > this.#timing.merge) this.#release(out);
  }

  #judge(out: GazeEvent[]): void {
    const [a, b] = [this.#earlier, this.#part];
    const away = Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2);
    if (away < this.#mergeDeg) {
      a.join(b);
      b.clear();
      [this.#earlier, this.#part] = [b, a];
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
