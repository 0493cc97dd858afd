/** I-VT: in a saccade the gaze velocity exceeds a threshold, which adapts to the tracker's noise. */
import { slopeWeights } from '../dsp/savitzky-golay.ts';
import type { GazeEventConfig, GazeTiming } from './config.ts';
import { type GazeEvent, timed } from './event.ts';
import type { FixationMerger } from './fixations.ts';
import { visualAngleDeg } from './geometry.ts';
import { RunningMedian } from './noise.ts';
import { GazeSpan } from './span.ts';
import type { GazeTrace } from './trace.ts';

export class VelocityThreshold {
  readonly #config: GazeEventConfig;
  readonly #timing: GazeTiming;
  readonly #weights: Float64Array;
  readonly #trace: GazeTrace;
  readonly #fixations: FixationMerger;
  readonly #noise: RunningMedian;
  /** The current samples above the edge velocity: a saccade, ringing, or neither. */
  readonly #burst = new GazeSpan();
  #peak = 0;
  #isSaccade = false;
  #besideLoss = false;
  /** Faster for longer than any saccade; until the gaze is slow again. */
  #isAdrift = false;
  /** The last saccade: its end, the end of its ringing, its peak velocity. */
  #saccadeEnd = Number.NEGATIVE_INFINITY;
  #ringingEnd = Number.NEGATIVE_INFINITY;
  #saccadePeak = 0;

  constructor(config: GazeEventConfig, timing: GazeTiming, trace: GazeTrace, fixations: FixationMerger) {
    this.#config = config;
    this.#timing = timing;
    this.#weights = slopeWeights(timing.half, timing.rateHz);
    this.#trace = trace;
    this.#fixations = fixations;
    this.#noise = new RunningMedian(timing.rateHz);
  }

  /** @param besideLoss whether a sample within the margin is lost */
  push(n: number, besideLoss: boolean, out: GazeEvent[]): void {
    const { mask, x, y } = this.#trace;
    const speed = this.#speed(n);
    // NaN: the velocity window reaches into a loss.
    if (Number.isNaN(speed)) {
      if (!this.#burst.isEmpty) this.#endBurst(n, true, out);
      this.#fixations.cut(out);
      return;
    }
    if (!besideLoss) this.#noise.push(speed);
    const { saccadeDegS, saccadeNoise, edgeDegS, edgeNoise, fallPeak } = this.#config;
    const median = this.#noise.value;
    if (speed > Math.max(edgeDegS, edgeNoise * median)) {
      if (this.#isSaccade && speed < fallPeak * this.#peak) this.#endBurst(n, false, out);
      if (!this.#isAdrift) {
        this.#growBurst(n, speed, speed > Math.max(saccadeDegS, saccadeNoise * median), besideLoss);
        if (this.#burst.length >= this.#timing.longestSaccade) this.#overrun(n + 1, out);
      }
      this.#fixations.pass(n, out);
      return;
    }
    this.#isAdrift = false;
    if (!this.#burst.isEmpty) this.#endBurst(n, false, out);
    this.#fixations.add(n, x[n & mask]!, y[n & mask]!, out);
  }

  /** The input ends before sample n. */
  flush(n: number, out: GazeEvent[]): void {
    if (!this.#burst.isEmpty) this.#endBurst(n, false, out);
    this.#fixations.cut(out);
  }

  reset(): void {
    this.#noise.reset();
    this.#clearBurst();
    this.#isAdrift = false;
    this.#saccadeEnd = this.#ringingEnd = Number.NEGATIVE_INFINITY;
    this.#saccadePeak = 0;
  }

  /** Degrees per second by a Savitzky-Golay filter; NaN next to a loss. */
  #speed(n: number): number {
    const { x, y, mask } = this.#trace;
    const weights = this.#weights;
    let [vx, vy] = [0, 0];
    for (let i = 1; i <= weights.length; i++) {
      const [after, before] = [(n + i) & mask, (n - i) & mask];
      const weight = weights[i - 1]!;
      vx += weight * (x[after]! - x[before]!);
      vy += weight * (y[after]! - y[before]!);
    }
    return Math.sqrt(vx * vx + vy * vy);
  }

  #growBurst(n: number, speed: number, isSaccade: boolean, besideLoss: boolean): void {
    const { x, y, mask } = this.#trace;
    this.#burst.add(n, x[n & mask]!, y[n & mask]!);
    this.#peak = Math.max(this.#peak, speed);
    this.#isSaccade ||= isSaccade;
    this.#besideLoss ||= besideLoss;
  }

  /** Too long for a saccade: part of the fixation where it is slow enough, otherwise no event. */
  #overrun(n: number, out: GazeEvent[]): void {
    if (!this.#isSaccade) {
      this.#endBurst(n, false, out);
      return;
    }
    this.#isAdrift = true;
    this.#fixations.end();
    this.#clearBurst();
  }

  /** The samples [burst.start, n) were fast. */
  #endBurst(n: number, isCut: boolean, out: GazeEvent[]): void {
    const burst = this.#burst;
    const { shortestSaccade, ringing, ringingGap } = this.#timing;
    const rings =
      burst.start - this.#ringingEnd <= ringingGap &&
      n - this.#saccadeEnd <= ringing &&
      this.#peak < this.#config.ringingPeak * this.#saccadePeak;
    if (isCut || this.#besideLoss) {
      // A closing or opening lid distorts the gaze.
      this.#fixations.end();
    } else if (rings) {
      this.#fixations.end();
      this.#ringingEnd = n;
    } else if (this.#isSaccade && n - burst.start >= shortestSaccade) {
      this.#fixations.end();
      this.#reportSaccade(n, out);
    } else {
      this.#fixations.addSpan(burst, out);
    }
    this.#clearBurst();
  }

  #reportSaccade(end: number, out: GazeEvent[]): void {
    const { x, y, mask } = this.#trace;
    const { start, firstX, firstY } = this.#burst;
    const event = {
      type: 'saccade',
      ...timed(start, end, this.#timing.rateHz),
      amplitudeDeg: visualAngleDeg(firstX, firstY, x[end & mask]!, y[end & mask]!),
      peakDegS: this.#peak,
    } as const;
    this.#fixations.saccade(event, out);
    this.#saccadeEnd = this.#ringingEnd = end;
    this.#saccadePeak = this.#peak;
  }

  #clearBurst(): void {
    this.#burst.clear();
    this.#peak = 0;
    this.#isSaccade = this.#besideLoss = false;
  }
}
