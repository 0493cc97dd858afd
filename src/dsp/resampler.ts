/**
 * Rational resampling by a polyphase linear-phase FIR (Crochiere and Rabiner, Multirate Digital Signal Processing, chapter 3).
 *
 * Output g of the stream stands at the input position g * inputRateHz / outputRateHz, counted from the stream's input
 * sample 0, and the filter is centred there: it delays nothing, it only has to see `lookAhead` samples beyond.
 *
 * The filter is a sinc under Kaiser's window. Pass band 0.375 and stop band 0.625 of the output rate (75 and 125 Hz for
 * 200 Hz: what folds lands above the pass band), or 0.4 and 0.6 of an input rate that isn't above the output rate. Each phase is
 * scaled to gain 1 at 0 Hz, so an electrode's offset of any size leaves no image at the multiples of the input rate.
 */
import { FIR_LANES, firLanes, firSymmetricLanes } from './fir-kernel.ts';
import { kaiserBeta, kaiserLengthS, kaiserWindow, sinc } from './kaiser.ts';
import { rateRatio } from './rate-ratio.ts';

/** 80 dB are promised; Kaiser's estimates are up to 0.6 dB too kind. */
const DESIGN_ATTENUATION_DB = 81;
/** Samples between two compactions of the history. */
const SLACK = 256;

interface ResamplerOptions {
  /** Any fraction of whole numbers with a denominator up to 100. */
  readonly inputRateHz: number;
  readonly outputRateHz?: number;
  readonly channels: number;
}

export class PolyphaseResampler {
  readonly channels: number;
  /** Input samples after an output's own position that it depends on. */
  readonly lookAhead: number;
  /** Outputs of the last `push` or `flush`: output i of channel c is `out[c * outStride + i]`; valid until the next. */
  out: Float64Array = new Float64Array(0);
  outStride = 0;
  /** Index on the output grid of the first output of the last `push` or `flush`. */
  firstOutput = 0;

  /** Output rate / input rate = up / down, without common factors. */
  readonly #up: number;
  readonly #down: number;
  /** [up, tapCount]: row p serves the positions p / up after an input sample. */
  readonly #taps: Float64Array;
  readonly #tapCount: number;
  readonly #lookBehind: number;
  /** Channels filled up to whole groups of the kernel. */
  readonly #lanes: number;
  /** History and new samples, channel-major; the sample at `#origin` of the stream stands first. */
  #buffer: Float64Array;
  #stride: number;
  #origin = 0;
  #length = 0;
  /** The next output stands `#nextPhase / up` after input sample `#nextInput`. */
  #nextOutput = 0;
  #nextInput = 0;
  #nextPhase = 0;

  /** @throws RangeError for a rate that is no such fraction */
  constructor({ inputRateHz, outputRateHz = 200, channels }: ResamplerOptions) {
    const [up, down] = rateRatio(inputRateHz, outputRateHz);
    const { taps, tapCount, lookBehind } =
      up === down ? { taps: Float64Array.of(1), tapCount: 1, lookBehind: 0 } : design(inputRateHz, outputRateHz, up);
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
   * Begins at input sample `firstSample` of the stream, as if channel c had always been `firstValues[c]` before.
   * The first output is the first point of the grid at or after that sample.
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

  /** The outputs that stand before the end of the input, which holds its last value. Then `start` begins anew. */
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

  /** Makes every output whose position lies before input sample `end`. */
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

  /** `count` outputs of one group of channels, while its history stays in the processor's cache. */
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

  /** Makes room for `length` more samples: drops what no output needs any more, or grows. */
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

function design(inputRateHz: number, outputRateHz: number, up: number) {
  const down = inputRateHz > outputRateHz;
  const passHz = down ? 0.375 * outputRateHz : 0.4 * inputRateHz;
  const stopHz = down ? 0.625 * outputRateHz : 0.6 * inputRateHz;
  const cut = (passHz + stopHz) / inputRateHz;
  const lengthS = kaiserLengthS(DESIGN_ATTENUATION_DB, stopHz - passHz);
  const beta = kaiserBeta(DESIGN_ATTENUATION_DB);
  /** Half of the filter, in steps of 1 / up input sample. */
  const half = Math.ceil((lengthS / 2) * inputRateHz * up);
  const lookBehind = Math.floor(half / up);
  const tapCount = lookBehind + Math.floor((half + up - 1) / up) + 1;
  const taps = new Float64Array(up * tapCount);
  for (let phase = 0; phase < up; phase++) {
    const row = taps.subarray(phase * tapCount, (phase + 1) * tapCount);
    let gain = 0;
    for (let k = 0; k < tapCount; k++) {
      const step = (k - lookBehind) * up - phase;
      gain += row[k] = sinc((step / up) * cut) * kaiserWindow(step / half, beta);
    }
    for (let k = 0; k < tapCount; k++) row[k]! /= gain;
  }
  return { taps, tapCount, lookBehind };
}
