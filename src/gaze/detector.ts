/**
 * Online detection of gaze events: samples in, fixations, saccades, blinks and track losses out.
 *
 * 1. missing gaze of up to 75 ms is interpolated (GazeTrace); 2. pupil losses become blinks and track losses (EyeLosses);
 * 3. samples are classed as fixation or saccade by velocity (I-VT) or dispersion (I-DT); 4. neighbouring fixations are
 * merged and short ones dropped (FixationMerger). Every part works sample by sample.
 */
import { AffectEdgeError } from '../errors.ts';
import { type GazeEventConfig, type GazeTiming, gazeTiming } from './config.ts';
import type { GazeEvent } from './event.ts';
import { FixationMerger } from './fixations.ts';
import { DispersionThreshold } from './idt.ts';
import { VelocityThreshold } from './ivt.ts';
import { EyeLosses } from './losses.ts';
import type { GazeSample } from './sample.ts';
import { GazeTrace } from './trace.ts';

/** At 25 Hz two samples are just within the longest interpolation; no tracker samples above 10 kHz. */
const GAZE_RATES_HZ = { min: 25, max: 10_000 };

export class GazeEventDetector {
  readonly #timing: GazeTiming;
  readonly #trace: GazeTrace;
  readonly #losses: EyeLosses;
  readonly #fixations: FixationMerger;
  readonly #motion: VelocityThreshold | DispersionThreshold;
  #started = false;
  /** Samples below this are classed as moving or still. */
  #decided = 0;
  /** Number of lost samples within the margin around the last classed one; those below `#ahead` are counted. */
  #lostAround = 0;
  #ahead = 0;

  /** Throws `RATE_UNSUPPORTED`. */
  constructor(deviceId: string, rateHz: number, config: GazeEventConfig) {
    if (!(rateHz >= GAZE_RATES_HZ.min && rateHz <= GAZE_RATES_HZ.max)) {
      throw new AffectEdgeError(
        'RATE_UNSUPPORTED',
        `${deviceId} samples the eyes at ${rateHz} Hz: events need ${GAZE_RATES_HZ.min} to ${GAZE_RATES_HZ.max} Hz`,
      );
    }
    this.#timing = gazeTiming(config, rateHz);
    this.#trace = new GazeTrace(this.#timing);
    this.#losses = new EyeLosses(this.#timing);
    this.#fixations = new FixationMerger(config, this.#timing);
    const Motion = config.algorithm === 'ivt' ? VelocityThreshold : DispersionThreshold;
    this.#motion = new Motion(config, this.#timing, this.#trace, this.#fixations);
  }

  /** An event is reported at the latest when this many samples have come after its end. */
  get delaySamples(): number {
    return this.#timing.delay;
  }

  /**
   * Samples before this one that were not pushed are lost. Events are added in the order in which they become known:
   * fixations and saccades are in order of time among themselves, and so are losses.
   */
  push(sample: GazeSample, out: GazeEvent[]): void {
    const { index, hasGaze, hasEyes, eyesLost } = sample;
    if (index > this.#trace.end) this.#lose(index - this.#trace.end, out);
    this.#losses.push(index, eyesLost > 0, !hasEyes, out);
    if (hasGaze) this.#trace.add(sample.xDeg, sample.yDeg, !this.#started);
    else this.#trace.miss(!hasEyes);
    this.#started = true;
    this.#decide(out);
  }

  /** The end of the input; the detector is then as after `reset()`. */
  flush(out: GazeEvent[]): void {
    const { end } = this.#trace;
    if (this.#started) {
      this.#trace.close(this.#timing.margin);
      this.#decide(out);
      this.#motion.flush(end, out);
      this.#losses.flush(out);
    }
    this.reset();
  }

  reset(): void {
    this.#trace.reset();
    this.#losses.reset();
    this.#fixations.reset();
    this.#motion.reset();
    this.#started = false;
    this.#decided = this.#lostAround = this.#ahead = 0;
  }

  /** After a whole ring of lost samples no event is under way, so the rest are only counted. */
  #lose(count: number, out: GazeEvent[]): void {
    const ring = this.#trace.mask + 1;
    const idle = ring + this.#timing.delay;
    const single = this.#started ? Math.min(count, idle) : 0;
    for (let i = 0; i < single; i++) {
      this.#trace.miss(false);
      this.#decide(out);
    }
    this.#trace.skip(count - single);
    this.#decided += count - single;
    this.#ahead += count - single;
  }

  #decide(out: GazeEvent[]): void {
    const { margin } = this.#timing;
    const { isLost, mask } = this.#trace;
    while (this.#decided + margin < this.#trace.known) {
      const n = this.#decided++;
      while (this.#ahead <= n + margin) this.#lostAround += isLost[this.#ahead++ & mask]!;
      this.#lostAround -= isLost[(n - margin - 1) & mask]!;
      this.#motion.push(n, this.#lostAround > 0, out);
    }
  }
}
