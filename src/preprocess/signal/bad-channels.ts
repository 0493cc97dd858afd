/**
 * Detects bad channels, once per window: railed and missing values from the device's samples, implausible amplitudes from the
 * filtered signal (both also from before the window, while the filters ring), and everything else from the resampled signal
 * before the filters.
 */
import type { BadChannelReason } from '../feature-window.ts';
import type { SampleLedger } from './sample-ledger.ts';
import type { Window } from './windows.ts';

/** The amplitude is the spread within pieces of this length, so that drift and offset do not count. */
const PIECE_S = 0.5;
const MAINS_HZ = [50, 60];
/** Median absolute deviation to standard deviation, for normally distributed values. */
const MAD_TO_SIGMA = 1.4826;

export interface BadChannelRules {
  /** A channel below this standard deviation is flat: amplifier noise alone is several times as large. */
  readonly flatUv: number;
  /** A channel above this standard deviation is not EEG: blinks and jaw muscles stay at a tenth of it. */
  readonly loudUv: number;
  /** Above this share of the variance, mains explain a loud channel. */
  readonly lineShare: number;
  /** Mains below this amplitude are ignored. */
  readonly lineUv: number;
  /** An outlier's log amplitude is this many robust standard deviations from the montage's median. */
  readonly outlierZ: number;
  /** Lower limit of that deviation (natural log); with 6 it is a factor of 9 from the median. */
  readonly smallestSpread: number;
  /** With fewer channels the spread is not known, so no outlier is detected. */
  readonly fewestForOutlier: number;
}

/**
 * Any missing or railed sample makes a channel bad. Mains that all channels share do not: they come from the room, are removed
 * by the notch, and without a notch may be ten times the EEG in a good recording, outside of every band.
 */
export const BAD_CHANNEL_RULES: BadChannelRules = {
  flatUv: 0.1,
  loudUv: 1000,
  lineShare: 0.5,
  lineUv: 1,
  outlierZ: 6,
  smallestSpread: 0.37,
  fewestForOutlier: 5,
};

export interface BadChannelSetting {
  readonly channels: number;
  /** Window length in grid samples. */
  readonly size: number;
  /** Rate after resampling. */
  readonly gridHz: number;
  /** Highest frequency that the resampler passes at the device's rate. */
  readonly passHz: number;
  /** The notch removes this mains frequency, so it makes no channel bad. */
  readonly notchHz: number | null;
}

/** The device samples that can make a channel bad in a window. */
export interface Reach {
  /** The first sample whose ringing in the filters may last into the window. */
  readonly from: number;
  /** One past the window's last sample; fractional where the rates do not divide. */
  readonly end: number;
  /** One past the resampler's look-ahead: a railed sample there affects the window, a held value does not. */
  readonly needed: number;
}

export class BadChannelDetector {
  readonly #channels: number;
  readonly #size: number;
  readonly #piece: number;
  readonly #rules: BadChannelRules;
  /** Per line frequency: cosine and sine under a Hann taper, scaled so that re^2 + im^2 is the line's variance. */
  readonly #lines: readonly { readonly cos: Float64Array; readonly sin: Float64Array }[];
  readonly #variance: Float64Array;
  readonly #mains: Float64Array;

  constructor(setting: BadChannelSetting, rules: BadChannelRules = BAD_CHANNEL_RULES) {
    const { gridHz } = setting;
    this.#channels = setting.channels;
    this.#size = setting.size;
    this.#piece = PIECE_S * gridHz;
    this.#rules = rules;
    this.#variance = new Float64Array(setting.channels);
    this.#mains = new Float64Array(setting.channels);
    this.#lines = MAINS_HZ.filter((hz) => hz <= setting.passHz && hz !== setting.notchHz).map((hz) =>
      lineTables(hz, setting.size, gridHz),
    );
  }

  /** One entry per channel; null: good. */
  detect(window: Window, ledger: SampleLedger, reach: Reach): (BadChannelReason | null)[] {
    const { flatUv, loudUv, lineShare } = this.#rules;
    const { from, end, needed } = reach;
    const reasons: (BadChannelReason | null)[] = [];
    for (let c = 0; c < this.#channels; c++) {
      const variance = this.#amplitude(window, c);
      const mains = this.#lineVariance(window, c);
      this.#variance[c] = variance;
      this.#mains[c] = mains;
      if (ledger.missing[c]!.touches(from, end)) reasons.push('missing');
      else if (ledger.railed[c]!.touches(from, needed)) reasons.push('railed');
      else if (variance < flatUv ** 2) reasons.push('flat');
      else if (variance > loudUv ** 2) reasons.push(mains > lineShare * variance ? 'line_noise' : 'outlier');
      else if (ledger.beyond[c]!.touches(from, end)) reasons.push('outlier');
      else reasons.push(null);
    }
    this.#compare(reasons);
    return reasons;
  }

  /** Compares the channels that are good so far with each other. */
  #compare(reasons: (BadChannelReason | null)[]): void {
    const { lineShare, lineUv, fewestForOutlier } = this.#rules;
    const rest = reasons.flatMap((reason, c) => (reason === null ? [c] : []));
    if (rest.length < fewestForOutlier) return;
    const amplitude = this.#deviations(rest.map((c) => Math.log(this.#variance[c]!) / 2));
    const mains = this.#deviations(rest.map((c) => Math.log(Math.max(this.#mains[c]!, lineUv ** 2)) / 2));
    rest.forEach((c, i) => {
      if (mains[i]! > 1 && this.#mains[c]! > lineShare * this.#variance[c]!) reasons[c] = 'line_noise';
      else if (Math.abs(amplitude[i]!) > 1) reasons[c] = 'outlier';
    });
  }

  /** Distances to the median, in units of the limit. */
  #deviations(logs: readonly number[]): number[] {
    const centre = median(logs);
    const spread = MAD_TO_SIGMA * median(logs.map((value) => Math.abs(value - centre)));
    const limit = this.#rules.outlierZ * Math.max(spread, this.#rules.smallestSpread);
    return logs.map((value) => (value - centre) / limit);
  }

  /** Mean variance of consecutive pieces, each about its own mean. */
  #amplitude(window: Window, c: number): number {
    const x = window.layers[0]!;
    const from = c * window.stride + window.offset;
    const end = from + this.#size;
    let squares = 0;
    for (let piece = from; piece < end; piece += this.#piece) {
      const pieceEnd = Math.min(piece + this.#piece, end);
      const origin = x[piece]!;
      let sum = 0;
      let sumOfSquares = 0;
      for (let i = piece; i < pieceEnd; i++) {
        const value = x[i]! - origin;
        sum += value;
        sumOfSquares += value * value;
      }
      squares += sumOfSquares - (sum * sum) / (pieceEnd - piece);
    }
    return Math.max(0, squares) / this.#size;
  }

  #lineVariance(window: Window, c: number): number {
    const x = window.layers[0]!;
    const from = c * window.stride + window.offset;
    const origin = x[from]!;
    let sum = 0;
    for (const { cos, sin } of this.#lines) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < this.#size; i++) {
        const value = x[from + i]! - origin;
        re += value * cos[i]!;
        im += value * sin[i]!;
      }
      sum += re * re + im * im;
    }
    return sum;
  }
}

function lineTables(hz: number, size: number, gridHz: number): { cos: Float64Array; sin: Float64Array } {
  const taper = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  const scale = Math.SQRT2 / taper.reduce((sum, w) => sum + w, 0);
  const phase = (i: number) => (2 * Math.PI * hz * i) / gridHz;
  return {
    cos: taper.map((w, i) => w * scale * Math.cos(phase(i))),
    sin: taper.map((w, i) => w * scale * Math.sin(phase(i))),
  };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
