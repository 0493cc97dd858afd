/**
 * Rational resampling by a polyphase linear-phase FIR filter (Crochiere and Rabiner, Multirate Digital Signal Processing,
 * chapter 3). Output g of the stream is at the input position g * inputRateHz / outputRateHz, counted from input sample 0
 * of the stream. The filter is centred there, so it does not delay the signal, but an output needs `lookAhead` input
 * samples after its position.
 */
import { FIR_LANES, firLanes, firSymmetricLanes } from './fir-kernel.ts';
import { resamplingFilter } from './resampling-filter.ts';

/** Samples between two compactions of the history. */
const SLACK = 256;

interface ResamplerOptions {
  /** Rates whose ratio is not small are resampled by the nearest ratio, as `resampledRate` says. */
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  readonly channels: number;
}

export class PolyphaseResampler {
  readonly channels: number;
  /** Input samples after an output's position that it depends on. */
  readonly lookAhead: number;
  /** Outputs of the last `push` or `flush`, valid until the next: output i of channel c is `out[c * outStride + i]`. */
  out: Float64Array = new Float64Array(0);
  outStride = 0;
  /** Index on the output grid of the first output of the last `push` or `flush`. */
  firstOutput = 0;

  /** Output rate / input rate = up / down, without common factors. */
  readonly #up: number;
  readonly #down: number;
  /** [up, tapCount], as in `resamplingFilter`. */
  readonly #taps: Float64Array;
  readonly #tapCount: number;
  readonly #lookBehind: number;
  /** Number of channels, rounded up to a multiple of FIR_LANES. */
  readonly #lanes: number;
  /** History and new samples, [lanes, stride]. The first sample of a row is sample `#origin` of the stream. */
  #buffer: Float64Array;
  #stride: number;
  #origin = 0;
  #length = 0;
  /** The next output is at the position `#nextPhase / up` after input sample `#nextInput`. */
  #nextOutput = 0;
  #nextInput = 0;
  #nextPhase = 0;

  /** @throws RangeError for a rate that `rateRatio` refuses */
  constructor({ inputRateHz, outputRateHz, channels }: ResamplerOptions) {
    const { up, down, taps, tapCount, lookBehind } = resamplingFilter(inputRateHz, outputRateHz);
    this.channels = channels;
    this.lookAhead = tapCount - 1 - lookBehind;
    this.#up = up;
    this.#down = down;
    this.#taps = taps;
    this.#tapCount = tapCount;
    this.#lookBehind = lookBehind;
    this.#lanes = Math.ceil(channels / FIR_LANES) * FIR_LANES;
    this.#stride = tapCount + SLACK;
    this.#buffer = new Float64Array(this.#lanes * this.#stride);
    this.start(0, new Float64Array(channels));
  }

  /**
   * Starts at input sample `firstSample` of the stream, as if channel c had always had the value `firstValues[c]`
   * before. The first output is the first one at or after that sample.
   */
  start(firstSample: number, firstValues: ArrayLike<number>): void {
    this.#nextOutput = Math.ceil((firstSample * this.#up) / this.#down);
    const position = this.#nextOutput * this.#down;
    this.#nextInput = Math.floor(position / this.#up);
    this.#nextPhase = position - this.#nextInput * this.#up;
    this.#origin = firstSample - this.#lookBehind;
    this.#length = this.#lookBehind;
    for (let c = 0; c < this.channels; c++) {
      this.#buffer.fill(firstValues[c]!, c * this.#stride, c * this.#stride + this.#lookBehind);
    }
  }

  /**
   * @param data [channels, length], channel-major
   * @returns the number of outputs in `out`
   */
  push(data: Float32Array, length: number): number {
    this.#reserve(length);
    const buffer = this.#buffer;
    for (let c = 0, from = 0; c < this.channels; c++) {
      const to = c * this.#stride + this.#length;
      for (let i = 0; i < length; i++) buffer[to + i] = data[from++]!;
    }
    this.#length += length;
    return this.#run(this.#origin + this.#length - this.lookAhead);
  }

  /**
   * Makes the outputs up to the end of the input, as if the last value continued. Call `start` before the next `push`.
   * @returns the number of outputs in `out`
   */
  flush(): number {
    const end = this.#origin + this.#length;
    this.#reserve(this.lookAhead);
    for (let c = 0; c < this.channels; c++) {
      const to = c * this.#stride + this.#length;
      this.#buffer.fill(this.#buffer[to - 1]!, to, to + this.lookAhead);
    }
    this.#length += this.lookAhead;
    return this.#run(end);
  }

  /** Makes every output before input sample `end`. */
  #run(end: number): number {
    this.firstOutput = this.#nextOutput;
    const start = this.#nextInput * this.#up + this.#nextPhase;
    const count = Math.max(0, Math.ceil((end * this.#up - start) / this.#down));
    if (count > this.outStride) {
      this.outStride = count;
      this.out = new Float64Array(this.#lanes * count);
    }
    const first = this.#nextInput - this.#lookBehind - this.#origin;
    for (let lane = 0; lane < this.#lanes; lane += FIR_LANES) this.#runLanes(lane, first, count);
    const next = start + count * this.#down;
    this.#nextInput = Math.floor(next / this.#up);
    this.#nextPhase = next - this.#nextInput * this.#up;
    this.#nextOutput += count;
    return count;
  }

  /** Makes `count` outputs of one group of channels. Going group by group keeps the history in the processor's cache. */
  #runLanes(lane: number, first: number, count: number): void {
    const buffer = this.#buffer;
    const out = this.out;
    const taps = this.#taps;
    const outStride = this.outStride;
    const up = this.#up;
    const down = this.#down;
    const tapCount = this.#tapCount;
    const half = this.#lookBehind;
    const stride = this.#stride;
    let at = lane * stride + first;
    let phase = this.#nextPhase;
    let outAt = lane * this.outStride;
    for (let i = 0; i < count; i++, outAt++) {
      if (up === 1) firSymmetricLanes(buffer, at, stride, taps, half, out, outAt, outStride);
      else firLanes(buffer, at, stride, taps, phase * tapCount, tapCount, out, outAt, outStride);
      for (phase += down; phase >= up; phase -= up) at++;
    }
  }

  /** Makes room for `length` more samples: drops samples that no output needs, or grows the buffer. */
  #reserve(length: number): void {
    if (this.#length + length <= this.#stride) return;
    const drop = Math.min(this.#length, this.#nextInput - this.#lookBehind - this.#origin);
    const keep = this.#length - drop;
    const old = this.#buffer;
    const oldStride = this.#stride;
    if (keep + length > oldStride) {
      this.#stride = keep + length + SLACK;
      this.#buffer = new Float64Array(this.#lanes * this.#stride);
    }
    for (let c = 0; c < this.channels; c++) {
      const from = c * oldStride + drop;
      if (old === this.#buffer) old.copyWithin(c * oldStride, from, from + keep);
      else this.#buffer.set(old.subarray(from, from + keep), c * this.#stride);
    }
    this.#origin += drop;
    this.#length = keep;
  }
}
