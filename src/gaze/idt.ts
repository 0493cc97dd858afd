/** I-DT (Salvucci & Goldberg, ETRA 2000): in a fixation the gaze stays within a small area for long enough. */

import type { GazeEventConfig, GazeTiming } from './config.ts';
import { type GazeEvent, timed } from './event.ts';
import type { FixationMerger } from './fixations.ts';
import { visualAngleDeg } from './geometry.ts';
import { GazeSpan } from './span.ts';
import type { GazeTrace } from './trace.ts';

/**
 * Works on a moving average of the gaze over the velocity window, because the extent of many samples grows with their noise.
 * A saccade is the movement between two fixations without a loss, from centre to centre. The bias of the method remains: the
 * first and last degree of a movement belong to the fixations.
 */
export class DispersionThreshold {
  readonly #dispersionDeg: number;
  readonly #timing: GazeTiming;
  readonly #trace: GazeTrace;
  /** The averages, in a ring like the trace's. */
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #fixations: FixationMerger;
  /** The samples that may start a fixation, or the current fixation. */
  readonly #area = new GazeSpan();
  #isFixation = false;
  /** The last fixation, where the next saccade starts: its end (-1: none since the last loss) and centre. */
  #end = -1;
  readonly #centre = new Float64Array(2);

  constructor(config: GazeEventConfig, timing: GazeTiming, trace: GazeTrace, fixations: FixationMerger) {
    this.#dispersionDeg = config.dispersionDeg;
    this.#timing = timing;
    this.#trace = trace;
    this.#x = new Float64Array(trace.mask + 1);
    this.#y = new Float64Array(trace.mask + 1);
    this.#fixations = fixations;
  }

  push(n: number, _besideLoss: boolean, out: GazeEvent[]): void {
    this.#average(n);
    const [x, y] = [this.#x, this.#y];
    const at = n & this.#trace.mask;
    // NaN: the window reaches into a loss.
    if (Number.isNaN(x[at]!)) {
      this.#cut(out);
      return;
    }
    if (!this.#isFixation) this.#fixations.pass(n, out);
    if (this.#dispersionWith(x[at]!, y[at]!) > this.#dispersionDeg) {
      if (this.#isFixation) this.#endFixation();
      this.#shrink(n);
    }
    this.#area.add(n, x[at]!, y[at]!);
    if (this.#isFixation) this.#fixations.add(n, x[at]!, y[at]!, out);
    else if (this.#area.length >= this.#timing.window) this.#beginFixation(out);
  }

  flush(_n: number, out: GazeEvent[]): void {
    this.#cut(out);
  }

  reset(): void {
    this.#area.clear();
    this.#isFixation = false;
    this.#end = -1;
  }

  #cut(out: GazeEvent[]): void {
    this.#fixations.cut(out);
    this.reset();
  }

  #average(n: number): void {
    const { x, y, mask } = this.#trace;
    const { half } = this.#timing;
    let [sumX, sumY] = [0, 0];
    for (let i = n - half; i <= n + half; i++) {
      sumX += x[i & mask]!;
      sumY += y[i & mask]!;
    }
    this.#x[n & mask] = sumX / (2 * half + 1);
    this.#y[n & mask] = sumY / (2 * half + 1);
  }

  #dispersionWith(x: number, y: number): number {
    const area = this.#area;
    return area.isEmpty ? 0 : area.widthWith(x) + area.heightWith(y);
  }

  #beginFixation(out: GazeEvent[]): void {
    const { start, x, y } = this.#area;
    if (this.#end !== -1 && start > this.#end) {
      const amplitudeDeg = visualAngleDeg(this.#centre[0]!, this.#centre[1]!, x, y);
      const times = timed(this.#end, start, this.#timing.rateHz);
      this.#fixations.saccade({ type: 'saccade', ...times, amplitudeDeg, peakDegS: null }, out);
    }
    this.#isFixation = true;
    this.#fixations.addSpan(this.#area, out);
  }

  #endFixation(): void {
    const { end, x, y } = this.#area;
    this.#end = end;
    this.#centre[0] = x;
    this.#centre[1] = y;
    this.#isFixation = false;
    this.#fixations.end();
    this.#area.clear();
  }

  /** Drops the oldest samples until sample n fits into the area. */
  #shrink(n: number): void {
    const [x, y, mask] = [this.#x, this.#y, this.#trace.mask];
    const area = this.#area;
    const from = area.isEmpty ? n : area.start;
    area.clear();
    let [left, right, top, bottom] = [x[n & mask]!, x[n & mask]!, y[n & mask]!, y[n & mask]!];
    let first = n;
    // Backwards from n, while the area stays small.
    while (first > from) {
      const at = (first - 1) & mask;
      const [l, r] = [Math.min(left, x[at]!), Math.max(right, x[at]!)];
      const [t, b] = [Math.min(top, y[at]!), Math.max(bottom, y[at]!)];
      if (r - l + b - t > this.#dispersionDeg) break;
      [left, right, top, bottom] = [l, r, t, b];
      first--;
    }
    for (let i = first; i < n; i++) area.add(i, x[i & mask]!, y[i & mask]!);
  }
}
