/**
 * Gaze event detection, online: an eye tracker's blocks in, fixations, saccades, blinks and track losses out.
 *
 * 1. both eyes' gaze as one direction in degrees (GazeSignal); 2. missing gaze of up to 75 ms filled (GazeTrace);
 * 3. pupil losses (GazeLoss); 4. still or moving, by velocity (I-VT) or dispersion (I-DT); 5. near fixations merged,
 * short ones dropped (FixationMerger). Each works sample by sample, so no cut of the input changes the output.
 */
import { AffectEdgeError } from '../errors.ts';
import type { Block, StreamInfo } from '../samples.ts';
import type { Stage } from '../stage.ts';
import { GAZE_EVENTS, type GazeEventConfig, type GazeTiming, gazeTiming } from './config.ts';
import type { GazeEvent } from './event.ts';
import { FixationMerger } from './fixations.ts';
import { DispersionThreshold } from './idt.ts';
import { VelocityThreshold } from './ivt.ts';
import { GazeLoss } from './loss.ts';
import { GazeSignal } from './signal.ts';
import { GazeTrace } from './trace.ts';

/** From 25 Hz on two samples are within the shortest fill; above 10 kHz no tracker exists. */
export const GAZE_RATES_HZ = { min: 25, max: 10_000 };

/** Bits of what a sample shows. */
export const SIGHT = { eyes: 1, gaze: 2 } as const;

export class GazeEventStage implements Stage<Block, GazeEvent> {
  readonly #timing: GazeTiming;
  readonly signal: GazeSignal;
  /** Of the last pushed block, sample by sample: bits of SIGHT. */
  sights = new Uint8Array(0);
  readonly #trace: GazeTrace;
  readonly #loss: GazeLoss;
  readonly #fixations: FixationMerger;
  readonly #motion: VelocityThreshold | DispersionThreshold;
  #started = false;
  /** Samples below this are decided: moving or still. */
  #decided = 0;
  /** Lost samples within the margin around the last decided one, those below `#ahead`. */
  #lostAround = 0;
  #ahead = 0;

  /** Throws `CONFIG_INVALID` (no gaze channels, pixels without a geometry), `RATE_UNSUPPORTED`. */
  constructor(info: StreamInfo, config: GazeEventConfig = GAZE_EVENTS) {
    const { sampleRateHz } = info;
    if (!(sampleRateHz >= GAZE_RATES_HZ.min && sampleRateHz <= GAZE_RATES_HZ.max)) {
      throw new AffectEdgeError(
        'RATE_UNSUPPORTED',
        `${info.deviceId} samples the eyes at ${sampleRateHz} Hz: events need ${GAZE_RATES_HZ.min} to ${GAZE_RATES_HZ.max} Hz`,
      );
    }
    this.#timing = gazeTiming(config, sampleRateHz);
    this.signal = new GazeSignal(info);
    this.#trace = new GazeTrace(this.#timing);
    this.#loss = new GazeLoss(this.#timing);
    this.#fixations = new FixationMerger(config, this.#timing);
    const Motion = config.algorithm === 'ivt' ? VelocityThreshold : DispersionThreshold;
    this.#motion = new Motion(config, this.#timing, this.#trace, this.#fixations);
  }

  /** An event is told at the latest when this many samples have come after its end. */
  get delaySamples(): number {
    return this.#timing.delay;
  }

  /** In the order in which they are known; fixations and saccades are, and losses are, in the order of time. */
  push(block: Block): GazeEvent[] {
    const out: GazeEvent[] = [];
    const lost = block.firstSample - this.#trace.end;
    if (lost < 0) {
      throw new AffectEdgeError(
        'INTERNAL',
        `block starts at sample ${block.firstSample}, but sample ${this.#trace.end} was next: the driver must count on`,
      );
    }
    if (lost > 0) this.#lose(lost, out);
    const signal = this.signal;
    if (this.sights.length < block.length) this.sights = new Uint8Array(block.length);
    for (let i = 0; i < block.length; i++) {
      const n = block.firstSample + i;
      signal.read(block, i);
      const allLost = signal.eyesLost === signal.eyes;
      this.#loss.push(n, signal.eyesLost > 0, allLost, out);
      this.sights[i] = (allLost ? 0 : SIGHT.eyes) | (signal.isSeen ? SIGHT.gaze : 0);
      if (signal.isSeen) this.#trace.see(signal.x, signal.y, !this.#started);
      else this.#trace.miss(allLost);
      this.#started = true;
      this.#decide(out);
    }
    return out;
  }

  flush(): GazeEvent[] {
    const out: GazeEvent[] = [];
    const { end } = this.#trace;
    if (this.#started) {
      this.#trace.close(this.#timing.margin);
      this.#decide(out);
      this.#motion.flush(end, out);
      this.#loss.flush(out);
    }
    this.reset();
    return out;
  }

  reset(): void {
    this.signal.reset();
    this.#trace.reset();
    this.#loss.reset();
    this.#fixations.reset();
    this.#motion.reset();
    this.#started = false;
    this.#decided = this.#lostAround = this.#ahead = 0;
  }

  /** Samples that never came. After a whole ring of them nothing is under way any more, and the rest are counted. */
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
