/**
 * Causal Butterworth high-pass and low-pass and an optional notch, seeded at a segment's first sample with the steady state
 * for this value. Adds the filtered layer and, for each requested band, the output of a band-pass of order 4 that runs on
 * the filtered signal.
 */
import { butterworthBandPass, butterworthHighPass, butterworthLowPass } from '../../dsp/butterworth.ts';
import { notch } from '../../dsp/notch.ts';
import { SosBank } from '../../dsp/sos.ts';
import type { Stage } from '../../stage.ts';
import { copyColumns, type GridRun } from './grid.ts';

const ORDER = 4;
/** The notch is 50 / 30 = 1.7 Hz wide at -3 dB, the common choice in EEG. */
const NOTCH_Q = 30;

export interface FilterSetting {
  readonly channels: number;
  /** Rate after resampling. */
  readonly gridHz: number;
  readonly highPassHz: number | null;
  /** Even; 4 by default. */
  readonly highPassOrder?: number;
  readonly lowPassHz: number | null;
  readonly notchHz: number | null;
  /** Bands that get a layer of their own: [low, high] in Hz. */
  readonly bandsHz: readonly (readonly [lo: number, hi: number])[];
}

export class FilterStage implements Stage<GridRun, GridRun> {
  readonly #channels: number;
  readonly #bank: SosBank;
  readonly #bands: readonly SosBank[];
  #layers: Float64Array[];
  readonly #first: Float64Array;
  #segment = -1;

  constructor(setting: FilterSetting) {
    const { channels, gridHz, highPassHz, highPassOrder = ORDER, lowPassHz, notchHz, bandsHz } = setting;
    const sections: number[] = [];
    if (highPassHz !== null) sections.push(...butterworthHighPass(highPassOrder, highPassHz, gridHz));
    if (lowPassHz !== null) sections.push(...butterworthLowPass(ORDER, lowPassHz, gridHz));
    if (notchHz !== null) sections.push(...notch(notchHz, NOTCH_Q, gridHz));
    this.#channels = channels;
    this.#bank = new SosBank(Float64Array.from(sections), channels);
    this.#bands = bandsHz.map(([lo, hi]) => new SosBank(butterworthBandPass(ORDER, [lo, hi], gridHz), channels));
    this.#layers = Array.from({ length: 1 + bandsHz.length }, () => new Float64Array(0));
    this.#first = new Float64Array(channels);
  }

  push(run: GridRun): GridRun[] {
    const { length, stride } = run;
    if (length === 0) return [];
    const starts = run.segment !== this.#segment;
    this.#segment = run.segment;
    const input = run.layers[0]!;
    if (this.#layers[0]!.length < input.length) {
      this.#layers = this.#layers.map(() => new Float64Array(input.length));
    }
    const [filtered, ...bands] = this.#layers;
    this.#run(this.#bank, input, filtered!, stride, length, starts);
    bands.forEach((layer, b) => {
      this.#run(this.#bands[b]!, filtered!, layer, stride, length, starts);
    });
    return [{ ...run, layers: [input, ...this.#layers] }];
  }

  reset(): void {
    this.#segment = -1;
  }

  #run(bank: SosBank, from: Float64Array, to: Float64Array, stride: number, length: number, starts: boolean): void {
    if (starts) {
      for (let c = 0; c < this.#channels; c++) this.#first[c] = from[c * stride]!;
      bank.seed(this.#first);
    }
    copyColumns(from, stride, 0, to, stride, 0, length, this.#channels);
    bank.process(to, stride, length);
  }
}
