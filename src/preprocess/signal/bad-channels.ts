/**
 * Step 5: which channels to doubt in a window, decided once a window: from the device's samples for rails and missing
 * values and from the filtered signal for what no organ makes, both also from before the window for as long as the filters
 * ring on; from the resampled signal before the filters for the rest.
 */
import type { BadChannelReason } from '../feature-window.ts';
import type { SampleLedger } from './sample-ledger.ts';
import type { Window } from './windows.ts';

/** Drift and offset are out of the amplitude: it is the spread within pieces of this length. */
const PIECE_S = 0.5;
const MAINS_HZ = [50, 60];
/** MAD to standard deviation for normal values. */
const MAD_TO_SIGMA = 1.4826;

export interface BadChannelRules {
  /** Below this standard deviation nothing is measured: amplifiers' own noise is several times as large. */
  readonly flatUv: number;
  /** Above it nothing is an EEG: blinks and jaw muscles stay at a tenth. */
  readonly loudUv: number;
  /** From this share of the variance on it is the mains that make a channel loud. */
  readonly lineShare: number;
  /** Less mains than this is as good as none. */
  readonly lineUv: number;
  /** An outlier's log amplitude lies this many robust standard deviations from the montage's median... */
  readonly outlierZ: number;
  /** ...where one deviation counts at least this (natural log): with 6 that is a factor of 9 to the median. */
  readonly smallestSpread: number;
  /** Fewer channels show no spread that an outlier could be held against. */
  readonly fewestForOutlier: number;
}

/**
 * Any sample without a value or at the rail makes a channel bad. Mains that all channels share are the room's, and the
 * notch's business: without one they may be ten times the EEG in a good recording, outside of every band.
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
  /** Highest frequency that the device's rate brings through the resampler. */
  readonly passHz: number;
  /** The notch takes this line out, so it makes no channel bad. */
  readonly notchHz: number | null;
}

/** Device samples that a window hears of, its own and others. */
export interface Reach {
  /** The first one whose ringing in the filters may last into the window. */
  readonly from: number;
  /** One past its own last; between two samples where the rates do not divide. */
  readonly end: number;
  /** One past the last one that the resampler looked ahead to: a rail is heard of before it comes, a held value is not. */
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

  /** Holds the channels without a fault of their own against each other. */
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

  /** Distances to the median; 1 is the limit. */
  #deviations(logs: readonly number[]): number[] {
    const centre = median(logs);
    const spread = MAD_TO_SIGMA * median(logs.map((value) => Math.abs(value - centre)));
    const limit = this.#rules.outlierZ * Math.max(spread, this.#rules.smallestSpread);
    return logs.map((value) => (value - centre) / limit);
  }

  /** Mean of the variances of consecutive pieces, each about its own mean. */
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
