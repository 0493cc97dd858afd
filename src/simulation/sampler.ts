/** The analog-to-digital converter: resamples signals made at the source rate, one tick at a time, to another rate. */
import { AffectEdgeError } from '../errors.ts';
import { designInterpolation, type Interpolation } from './interpolation.ts';
import { LEAD_IN_TICKS, SOURCE_RATE_HZ, TICK_SAMPLES } from './sources.ts';

export class Sampler {
  readonly #channels: number;
  readonly #fill: (tick: readonly Float64Array[]) => void;
  readonly #interpolation: Interpolation;
  /** Per channel the last `history` source samples, a tick appended at a time. */
  readonly #history: number;
  readonly #samples: Float64Array;
  /** The part of `#samples` with each channel's newest tick. */
  readonly #tick: readonly Float64Array[];
  /** The source's time index after the newest sample. */
  #end = -LEAD_IN_TICKS * TICK_SAMPLES;
  /** Index of the next output sample. */
  #position = 0;

  /**
   * @param fill writes the next tick of every channel, TICK_SAMPLES long; the first LEAD_IN_TICKS are before time 0
   * @throws RATE_UNSUPPORTED
   */
  constructor(channels: number, sampleRateHz: number, fill: (tick: readonly Float64Array[]) => void) {
    if (!Number.isInteger(sampleRateHz) || sampleRateHz < 125 || sampleRateHz > 2048) {
      throw new AffectEdgeError(
        'RATE_UNSUPPORTED',
        `the simulator samples at whole rates from 125 to 2048 Hz, got ${sampleRateHz}`,
      );
    }
    this.#channels = channels;
    this.#fill = fill;
    this.#interpolation = designInterpolation(SOURCE_RATE_HZ, sampleRateHz);
    const history = 2 * this.#interpolation.half + TICK_SAMPLES;
    this.#history = history;
    const samples = new Float64Array(channels * history);
    this.#samples = samples;
    this.#tick = Array.from({ length: channels }, (_, c) =>
      samples.subarray((c + 1) * history - TICK_SAMPLES, (c + 1) * history),
    );
  }

  /** The next `length` samples, [channels, length]. */
  next(length: number): Float32Array {
    const { phases, step, half } = this.#interpolation;
    const data = new Float32Array(this.#channels * length);
    for (let done = 0; done < length; ) {
      // The last output sample whose taps end before `end`.
      const reach = Math.ceil(((this.#end - half) * phases) / step) - this.#position;
      if (reach <= done) {
        this.#advance();
        continue;
      }
      const to = Math.min(length, reach);
      this.#interpolate(data, length, done, to);
      done = to;
    }
    this.#position += length;
    return data;
  }

  #advance(): void {
    this.#samples.copyWithin(0, TICK_SAMPLES);
    this.#fill(this.#tick);
    this.#end += TICK_SAMPLES;
  }

  /** Writes samples [from, to) of a chunk, for which the history is complete. */
  #interpolate(data: Float32Array, length: number, from: number, to: number): void {
    const { phases, step, half, taps } = this.#interpolation;
    const samples = this.#samples;
    const width = 2 * half;
    for (let c = 0; c < this.#channels; c++) {
      const before = (c + 1) * this.#history - this.#end - half + 1;
      for (let i = from; i < to; i++) {
        const scaled = (this.#position + i) * step;
        const phase = scaled % phases;
        const first = (scaled - phase) / phases + before;
        const row = phase * width;
        let sum = 0;
        for (let k = 0; k < width; k++) sum += taps[row + k]! * samples[first + k]!;
        data[c * length + i] = sum;
      }
    }
  }
}
