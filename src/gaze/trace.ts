/** The latest gaze in a ring buffer, with short gaps interpolated and losses marked. */
import type { GazeTiming } from './config.ts';

export class GazeTrace {
  /** Degrees; sample n is at `n & mask`. Where `isLost` is 1 there is no gaze. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly isLost: Uint8Array;
  readonly mask: number;
  readonly #fill: number;
  readonly #half: number;
  readonly #shortestBlink: number;
  /** Index of the next sample. */
  end = 0;
  /** Samples below this are final: measured, interpolated or lost. */
  known = 0;
  /** Number of samples since `known` without any pupil. */
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

  /** @param isFirst no sample came before: the trace before it is filled with this sample, as filters are seeded */
  add(x: number, y: number, isFirst: boolean): void {
    if (this.known < this.end) this.#settle(x, y);
    this.#pupilLost = 0;
    const from = isFirst ? this.end - this.#half : this.end;
    for (let n = from; n <= this.end; n++) this.#set(n, x, y);
    this.known = ++this.end;
  }

  /** A sample without gaze. @param pupilLost whether no eye has a pupil; false where only the gaze or the sample is missing */
  miss(pupilLost: boolean): void {
    this.#set(this.end++, Number.NaN, Number.NaN);
    if (pupilLost) this.#pupilLost++;
    const isLong = this.end - this.known > this.#fill || this.#pupilLost >= this.#shortestBlink;
    if (isLong || !this.#hasBefore()) this.known = this.end;
  }

  /** `count` more lost samples, after a whole ring of them. */
  skip(count: number): void {
    this.end += count;
    this.known = this.end;
  }

  /** The end of the input: a gap there can't be interpolated, and the last sample is held for `count` more. */
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

  /** Whether there is gaze before the samples that are not final, so that they can be interpolated. */
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

  /** Gaze is back: the missing samples are interpolated linearly from the last one, where there is one. */
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
