/** The latest gaze in a ring: short gaps filled, the losses marked. */
import type { GazeTiming } from './config.ts';

export class GazeTrace {
  /** Degrees; sample n lies at `n & mask`. Where `isLost` is 1 there is no gaze. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly isLost: Uint8Array;
  readonly mask: number;
  readonly #fill: number;
  readonly #half: number;
  readonly #shortestBlink: number;
  /** The sample that comes next. */
  end = 0;
  /** Samples below this are settled: seen, filled or lost. */
  known = 0;
  /** Samples since `known` at which the pupils were lost. */
  #pupilLost = 0;

  constructor({ fill, half, margin, window, shortestBlink }: GazeTiming) {
    const capacity = 2 ** Math.ceil(Math.log2(fill + 2 * margin + half + window + 8));
    this.x = new Float64Array(capacity).fill(Number.NaN);
    this.y = new Float64Array(capacity).fill(Number.NaN);
    this.isLost = new Uint8Array(capacity);
    this.mask = capacity - 1;
    this.#fill = fill;
    this.#half = half;
    this.#shortestBlink = shortestBlink;
  }

  /** @param isFirst nothing came before: the signal is taken to have stood at this sample, as filters are seeded */
  see(x: number, y: number, isFirst: boolean): void {
    if (this.known < this.end) this.#settle(x, y);
    this.#pupilLost = 0;
    const from = isFirst ? this.end - this.#half : this.end;
    for (let n = from; n <= this.end; n++) this.#set(n, x, y);
    this.known = ++this.end;
  }

  /** No gaze here. @param pupilLost on all eyes, and not just the gaze or the sample */
  miss(pupilLost: boolean): void {
    this.#set(this.end++, Number.NaN, Number.NaN);
    if (pupilLost) this.#pupilLost++;
    const isLong = this.end - this.known > this.#fill || this.#pupilLost >= this.#shortestBlink;
    if (isLong || !this.#hasBefore()) this.known = this.end;
  }

  /** After a whole ring of lost samples: `count` more of them. */
  skip(count: number): void {
    this.end += count;
    this.known = this.end;
  }

  /** The input ends: what is missing there can't be filled, and the last sample stays for `count` more. */
  close(count: number): void {
    const last = (this.end - 1) & this.mask;
    const [x, y] = [this.x[last]!, this.y[last]!];
    for (let i = 0; i < count; i++) this.#set(this.end++, x, y);
    this.known = this.end;
  }

  reset(): void {
    this.x.fill(Number.NaN);
    this.y.fill(Number.NaN);
    this.isLost.fill(0);
    this.end = this.known = this.#pupilLost = 0;
  }

  /** There is gaze before the samples that are not settled, so that they may be filled. */
  #hasBefore(): boolean {
    const before = this.x[(this.known - 1) & this.mask]!;
    return !Number.isNaN(before);
  }

  #set(n: number, x: number, y: number): void {
    const at = n & this.mask;
    this.x[at] = x;
    this.y[at] = y;
    this.isLost[at] = Number(Number.isNaN(x));
  }

  /** Gaze is back: the missing samples go on the line from the last one to it, where there is a last one. */
  #settle(x: number, y: number): void {
    if (!this.#hasBefore()) return;
    const before = (this.known - 1) & this.mask;
    const [fromX, fromY] = [this.x[before]!, this.y[before]!];
    const steps = this.end - this.known + 1;
    for (let i = 1; i < steps; i++) {
      this.#set(this.known + i - 1, fromX + ((x - fromX) * i) / steps, fromY + ((y - fromY) * i) / steps);
    }
  }
}
