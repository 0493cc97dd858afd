/**
 * Discrete Fourier transform of real input of any length (Cooley and Tukey 1965, in Stockham's self-sorting order).
 * Factors 4 and 5 have their own passes, because a window of 800 samples is 2 x 4 x 4 x 5 x 5. Other primes share one.
 */
import { type Pass, passFive, passFour, passPrime } from './fft-passes.ts';

interface Step {
  readonly pass: Pass;
  readonly factor: number;
  /** done * factor * rest = length: the product of the factors before, this factor, and those after. */
  readonly done: number;
  readonly rest: number;
  readonly twiddles: Float64Array;
  readonly circle: Float64Array;
}

/** The transform of one length; it allocates nothing after construction. */
export class RealFft {
  readonly length: number;
  /** Length of the complex transform. An even input is transformed with its even and odd samples as real and imaginary parts. */
  readonly #complexLength: number;
  readonly #steps: readonly Step[];
  readonly #work: [Float64Array, Float64Array];
  /** exp(-2 pi i k / length), k <= length / 2. */
  readonly #unit: Float64Array;

  constructor(length: number) {
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`length ${length}: give a whole number from 1`);
    this.length = length;
    this.#complexLength = length % 2 === 0 ? length / 2 : length;
    this.#steps = plan(this.#complexLength);
    this.#work = [new Float64Array(2 * this.#complexLength), new Float64Array(2 * this.#complexLength)];
    this.#unit = roots(length, Math.floor(length / 2) + 1);
  }

  /** Sets out[k] = |X_k|^2 for from <= k < to, where X is NumPy's `rfft` of x[offset] to x[offset + length - 1]. */
  powers(x: Float64Array, offset: number, out: Float64Array, from = 0, to = Math.floor(this.length / 2) + 1): void {
    if (this.length % 2 === 0) this.#evenPowers(this.#transform(x, offset), out, from, to);
    else this.#oddPowers(x, offset, out, from, to);
  }

  /** X_k = E_k + exp(-2 pi i k / length) O_k, where E and O are the spectra of the even and odd samples and Z = E + i O. */
  #evenPowers(z: Float64Array, out: Float64Array, from: number, to: number): void {
    const n = this.#complexLength;
    const unit = this.#unit;
    for (let k = from; k < to; k++) {
      const a = 2 * (k === n ? 0 : k);
      const b = 2 * (k === 0 ? 0 : n - k);
      const evenRe = (z[a]! + z[b]!) / 2;
      const evenIm = (z[a + 1]! - z[b + 1]!) / 2;
      const oddRe = (z[a + 1]! + z[b + 1]!) / 2;
      const oddIm = (z[b]! - z[a]!) / 2;
      const cos = unit[2 * k]!;
      const sin = unit[2 * k + 1]!;
      const re = evenRe + cos * oddRe - sin * oddIm;
      const im = evenIm + cos * oddIm + sin * oddRe;
      out[k] = re * re + im * im;
    }
  }

  #oddPowers(x: Float64Array, offset: number, out: Float64Array, from: number, to: number): void {
    const complex = this.#work[0];
    for (let i = 0; i < this.length; i++) {
      complex[2 * i] = x[offset + i]!;
      complex[2 * i + 1] = 0;
    }
    const z = this.#transform(complex, 0);
    for (let k = from; k < to; k++) out[k] = z[2 * k]! * z[2 * k]! + z[2 * k + 1]! * z[2 * k + 1]!;
  }

  /** Each step reads one buffer and writes the other. The first step reads the input in place. */
  #transform(x: Float64Array, offset: number): Float64Array {
    const [first, second] = this.#work;
    if (this.#steps.length === 0) {
      first[0] = x[offset]!;
      first[1] = x[offset + 1]!;
      return first;
    }
    let source = x;
    let at = offset;
    let target = second;
    for (const { pass, factor, done, rest, twiddles, circle } of this.#steps) {
      pass(source, at, target, factor, done, rest, twiddles, circle);
      source = target;
      at = 0;
      target = target === second ? first : second;
    }
    return source;
  }
}

function plan(length: number): Step[] {
  const steps: Step[] = [];
  let done = 1;
  for (const factor of factors(length)) {
    const rest = length / (done * factor);
    const unit = roots(factor * rest, factor * rest);
    const twiddles = new Float64Array(2 * rest * (factor - 1));
    for (let k = 0, at = 0; k < rest; k++) {
      for (let u = 1; u < factor; u++) {
        twiddles[at++] = unit[2 * u * k]!;
        twiddles[at++] = unit[2 * u * k + 1]!;
      }
    }
    const pass = factor === 4 ? passFour : factor === 5 ? passFive : passPrime;
    steps.push({ pass, factor, done, rest, twiddles, circle: roots(factor, factor) });
    done *= factor;
  }
  return steps;
}

/** Fours first, then primes in rising order. */
function factors(length: number): number[] {
  const found: number[] = [];
  let left = length;
  for (; left % 4 === 0; left /= 4) found.push(4);
  for (let prime = 2; left > 1; prime++) {
    for (; left % prime === 0; left /= prime) found.push(prime);
  }
  return found;
}

/** exp(-2 pi i k / n) for k < count, as pairs. */
function roots(n: number, count: number): Float64Array {
  const pairs = new Float64Array(2 * count);
  for (let k = 0; k < count; k++) {
    pairs[2 * k] = Math.cos((2 * Math.PI * k) / n);
    pairs[2 * k + 1] = -Math.sin((2 * Math.PI * k) / n);
  }
  return pairs;
}
