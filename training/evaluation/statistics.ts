/** Tests whether two methods differ: paired t-tests, and their correction for multiple testing. */
import { AffectEdgeError } from '../../src/errors.ts';
import { summarise } from './metrics.ts';

interface PairedTTest {
  /** Infinite where every pair differs by the same amount. */
  readonly t: number;
  readonly df: number;
  /** Two-sided. */
  readonly p: number;
  /** Mean of a - b. */
  readonly meanDifference: number;
}

/**
 * Student's t-test of paired values (one of each method per subject): t = mean / (sd / sqrt(n)) of the differences a - b,
 * n - 1 degrees of freedom. If all differences are equal up to rounding, p = 1 where they are 0, else t = +-Infinity and
 * p = 0. Throws DATA_INVALID for fewer than two pairs, for lists of different lengths, and for a value
 * that is not finite.
 */
export function pairedTTest(a: readonly number[], b: readonly number[]): PairedTTest {
  if (a.length !== b.length) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `a paired test of ${a.length} values against ${b.length}; give both methods the same subjects`,
    );
  }
  if (a.length < 2) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `a paired test needs at least two subjects, got ${a.length}; use a table with more`,
    );
  }
  const strange = [...a, ...b].find((value) => !Number.isFinite(value));
  if (strange !== undefined) {
    throw new AffectEdgeError('DATA_INVALID', `a paired test of ${strange}; leave out the subject that has no figure`);
  }
  const { mean, std } = summarise(a.map((value, i) => value - b[i]!));
  const df = a.length - 1;
  // Rounding error of differences of values of this size, some of which are means over seeds.
  const rounding = 4 * Number.EPSILON * Math.max(...[...a, ...b].map(Math.abs));
  if (std! <= rounding) {
    if (Math.abs(mean) <= rounding) return { t: 0, df, p: 1, meanDifference: 0 };
    return { t: Math.sign(mean) * Infinity, df, p: 0, meanDifference: mean };
  }
  const t = (mean / std!) * Math.sqrt(a.length);
  return { t, df, p: twoSidedP(t, df), meanDifference: mean };
}

/**
 * Benjamini & Hochberg 1995, "Controlling the false discovery rate": q_(i) = min(1, min_{j >= i} m p_(j) / j) over the m
 * sorted p-values, in the order given. Throws DATA_INVALID for a p outside 0 to 1.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const strange = p.find((value) => !(value >= 0 && value <= 1));
  if (strange !== undefined) {
    throw new AffectEdgeError('DATA_INVALID', `${strange} is no p-value; leave out the test that has none`);
  }
  const q = new Array<number>(p.length);
  const ascending = [...p.keys()].sort((i, j) => p[i]! - p[j]!);
  let least = 1;
  for (let rank = p.length; rank >= 1; rank--) {
    const index = ascending[rank - 1]!;
    least = Math.min(least, (p.length * p[index]!) / rank);
    q[index] = least;
  }
  return q;
}

/** P(|T| >= |t|) = I_x(df/2, 1/2) at x = df / (df + t^2) (Abramowitz & Stegun 1964, 26.7.1). */
function twoSidedP(t: number, df: number): number {
  const x = df / (df + t * t);
  const rest = (t * t) / (df + t * t);
  const a = df / 2;
  const b = 1 / 2;
  const front = Math.exp(a * Math.log(x) + b * Math.log(rest)) / betaWithHalf(df);
  // The fraction converges fast below the distribution's mean; above it, I_x(a, b) = 1 - I_{1-x}(b, a).
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(rest, b, a)) / b;
}

/** B(df/2, 1/2), from B(1/2, 1/2) = pi or B(1, 1/2) = 2 up by B(a + 1, b) = B(a, b) a / (a + b). */
function betaWithHalf(df: number): number {
  let beta = df % 2 === 1 ? Math.PI : 2;
  for (let a = df % 2 === 1 ? 1 / 2 : 1; a < df / 2; a++) beta *= a / (a + 1 / 2);
  return beta;
}

const SMALLEST = 1e-300;
const MOST_TERMS = 10_000;

/**
 * The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8; DLMF 8.17.22) by the modified
 * method of Lentz (Thompson & Barnett 1986, "Coulomb and Bessel functions of complex arguments and order").
 */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < SMALLEST ? SMALLEST : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      factor = c * d;
      fraction *= factor;
    }
    if (Math.abs(factor - 1) < Number.EPSILON) return fraction;
  }
  throw new AffectEdgeError(
    'INTERNAL',
    `the incomplete beta function at x = ${x}, a = ${a}, b = ${b} does not converge`,
  );
}
