/**
 * Differential entropy (DE) of EEG bands (Shi, Jiao and Lu 2013: a band-passed EEG is close to Gaussian, so
 * DE = 1/2 ln(2 pi e sigma^2)), in nats of microvolts.
 */
import { RealFft } from './fft.ts';

/** Powers below this (microvolt^2) count as this: a constant channel has a finite DE, -12.4 nats, and no NaN. */
const FLOOR_UV2 = 1e-12;
/** A band edge this close to a bin (in bins) stands on it: 0.3 Hz x 800 / 200 Hz isn't quite 1.2 in binary. */
const BIN_TOLERANCE = 1e-9;

/** @param sigma2 variance in microvolt^2 */
export function deOfVariance(sigma2: number): number {
  return 0.5 * Math.log(2 * Math.PI * Math.E * Math.max(sigma2, FLOOR_UV2));
}

interface SpectralDeOptions {
  /**
   * `fft`: mean removed, periodic Hann w, transform of the whole window, DE of
   * sigma^2 = 2 sum |X_k|^2 / (N sum w^2) over the bins of the band: white noise gives its variance in expectation.
   *
   * `bcmi`: as the extractor of the SEED data sets, log2(100 x mean |X_k|^2) over the bins of the band, in bits of a
   * scale of its own; the mean stays in, w_n = 1/2 - 1/2 cos(2 pi n / (N + 1)), n = 1 to N, and no zeros are appended.
   */
  readonly method: 'fft' | 'bcmi';
  /** Samples. */
  readonly windowLength: number;
  readonly rateHz: number;
  /** [low Hz (included), high Hz (excluded)] */
  readonly bands: readonly (readonly [number, number])[];
}

export class SpectralDe {
  readonly #fft: RealFft;
  readonly #removeMean: boolean;
  readonly #taper: Float64Array;
  readonly #tapered: Float64Array;
  readonly #powers: Float64Array;
  readonly #bands: readonly { readonly from: number; readonly to: number; readonly de: (power: number) => number }[];
  readonly #from: number;
  readonly #to: number;

  /** @throws RangeError for a band that holds no bin below half of the sampling rate */
  constructor({ method, windowLength, rateHz, bands }: SpectralDeOptions) {
    const period = method === 'fft' ? windowLength : windowLength + 1;
    const shift = method === 'fft' ? 0 : 1;
    this.#fft = new RealFft(windowLength);
    this.#removeMean = method === 'fft';
    this.#taper = Float64Array.from(
      { length: windowLength },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + shift)) / period),
    );
    this.#tapered = new Float64Array(windowLength);
    this.#powers = new Float64Array(Math.floor(windowLength / 2) + 1);
    const taperPower = this.#taper.reduce((sum, w) => sum + w * w, 0);
    this.#bands = bands.map(([loHz, hiHz]) => {
      const from = Math.ceil((loHz * windowLength) / rateHz - BIN_TOLERANCE);
      const to = Math.ceil((hiHz * windowLength) / rateHz - BIN_TOLERANCE);
      if (from < 0 || from >= to || hiHz > rateHz / 2) {
        const step = rateHz / windowLength;
        throw new RangeError(
          `band ${loHz}-${hiHz} Hz holds no bin: give edges from 0 to ${rateHz / 2} Hz, at least ${step} Hz apart`,
        );
      }
      const scale = 2 / (windowLength * taperPower);
      return method === 'fft'
        ? { from, to, de: (power) => deOfVariance(scale * power) }
        : { from, to, de: (power) => Math.log2(100 * Math.max(power / (to - from), FLOOR_UV2)) };
    });
    this.#from = Math.min(...this.#bands.map(({ from }) => from));
    this.#to = Math.max(...this.#bands.map(({ to }) => to));
  }

  /** out[outOffset + band] = DE of the window x[offset] to x[offset + windowLength - 1]; NaN in, NaN out. */
  compute(x: Float64Array, offset: number, out: Float32Array, outOffset: number): void {
    const length = this.#taper.length;
    let mean = 0;
    if (this.#removeMean) {
      for (let n = 0; n < length; n++) mean += x[offset + n]!;
      mean /= length;
    }
    for (let n = 0; n < length; n++) this.#tapered[n] = (x[offset + n]! - mean) * this.#taper[n]!;
    this.#fft.powers(this.#tapered, 0, this.#powers, this.#from, this.#to);
    for (let band = 0; band < this.#bands.length; band++) {
      const { from, to, de } = this.#bands[band]!;
      let power = 0;
      for (let k = from; k < to; k++) power += this.#powers[k]!;
      out[outOffset + band] = de(power);
    }
  }
}
