/** Coloured noise of unit variance: white noise through second-order sections, scaled by the filter's energy. */
import { SosBank } from '../dsp/sos.ts';
import type { Random } from '../random.ts';
import { SOURCE_RATE_HZ } from './sources.ts';

/** The impulse responses of the EEG's filters have decayed after this time. */
const SETTLE_SAMPLES = 8 * SOURCE_RATE_HZ;

/**
 * Sections [b0, b1, b2, a1, a2] with a power of 1/f^exponent above `fromHz`: poles are two octaves apart, and zeros
 * between them set the mean slope.
 */
export function powerLawSections(exponent: number, fromHz: number): Float64Array {
  const coefficients: number[] = [];
  const root = (hz: number) => Math.exp((-2 * Math.PI * hz) / SOURCE_RATE_HZ);
  for (let poleHz = fromHz; poleHz < SOURCE_RATE_HZ / 2; poleHz *= 4) {
    coefficients.push(1, -root(poleHz * 4 ** (exponent / 2)), 0, -root(poleHz), 0);
  }
  return Float64Array.from(coefficients);
}

export class Noise {
  readonly #random: Random;
  readonly #filter: SosBank;
  readonly #gain: number;

  /** @param settleSamples time in which the filter's impulse response decays. */
  constructor(random: Random, sections: Float64Array, settleSamples = SETTLE_SAMPLES) {
    this.#random = random;
    this.#filter = new SosBank(sections, 1);
    const response = new Float64Array(settleSamples);
    response[0] = 1;
    this.#filter.process(response, 0, settleSamples);
    this.#gain = 1 / Math.sqrt(response.reduce((sum, x) => sum + x * x, 0));
    this.#filter.zero();
    this.fill(response);
  }

  /** The next `out.length` samples. */
  fill(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.#gain * this.#random.normal();
    this.#filter.process(out, 0, out.length);
  }
}
