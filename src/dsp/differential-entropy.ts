/**
 * Differential entropy (DE) of EEG bands. Band-passed EEG is close to Gaussian, so DE = 1/2 ln(2 pi e sigma^2) nats with
 * sigma in microvolts (Shi, Jiao and Lu, Differential entropy feature for EEG-based vigilance estimation, EMBC 2013).
 */
import { binFrom } from './bins.ts';
import { RealFft } from './fft.ts';

/** The least power, so that a constant channel has a finite DE of -12.4 nats. */
const FLOOR_UV2 = 1e-12;

/** @param sigma2 variance in microvolt^2 */
export function deOfVariance(sigma2: number): number {
  return 0.5 * Math.log(2 * Math.PI * Math.E * Math.max(sigma2, FLOOR_UV2));
}

interface SpectralDeOptions {
  /**
   * `fft`: the mean is removed, the window is multiplied by a periodic Hann taper w, and
   * sigma^2 = 2 sum |X_k|^2 / (N sum w^2) over the bins of the band. The expectation for white noise is its variance in
   * the band.
   *
   * `bcmi`: the formula of the SEED data sets' extractor, log2(100 x mean |X_k|^2) over the bins of the band. The mean is
   * kept, w_n = 1/2 - 1/2 cos(2 pi n / (N + 1)) for n = 1 to N, and there is no zero padding. The scale is not nats.
   */
  readonly method: 'fft' | 'bcmi';
  /** In samples. */
  readonly windowLength: number;
  readonly rateHz: number;
  /** [low, high) in Hz. */
  readonly bands: readonly (readonly [number, number])[];
}

/** DE of the bands of one window, from its spectrum. */
export class SpectralDe {
  readonly #fft: RealFft;
  readonly #removeMean: boolean;
  readonly #taper: Float64Array;
  readonly #tapered: Float64Array;
  readonly #powers: Float64Array;
  readonly #bands: readonly { readonly from: number; readonly to: number; readonly de: (power: number) => number }[];
  readonly #from: number;
  readonly #to: number;

  /** @throws RangeError for a band without a bin below half of the sampling rate */
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
      const from = binFrom(loHz, windowLength, rateHz);
      const to = binFrom(hiHz, windowLength, rateHz);
      if (from < 0 || from >= to || hiHz > rateHz / 2) {
        const step = rateHz / windowLength;
        throw new RangeError(
          `band ${loHz}-${hiHz} Hz has no bin: give edges from 0 to ${rateHz / 2} Hz, at least ${step} Hz apart`,
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

  /** Sets out[outOffset + band] for the window x[offset] to x[offset + windowLength - 1]; NaN where the window has NaN. */
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
