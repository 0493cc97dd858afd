/**
 * Interpolation over the scalp by spherical splines with m = 4 (Perrin, Pernier, Bertrand and Echallier, Spherical splines
 * for scalp potential and current density mapping, Electroencephalogr. Clin. Neurophysiol. 72, 1989).
 */

/** A point on the unit sphere. */
export type Vec3 = readonly [x: number, y: number, z: number];

const STIFFNESS = 4;
/** (2n + 1) / (n (n + 1))^m of equation 3, for n = 1 to 50. */
const LEGENDRE_FACTORS = Float64Array.from({ length: 50 }, (_, i) => (2 * i + 3) / ((i + 1) * (i + 2)) ** STIFFNESS);
/** Added to the diagonal of the good electrodes' matrix, as in MNE. */
const REGULARISATION = 1e-5;

/**
 * Weights [bad.length, good.length], row-major: value at bad[i] = sum over j of weights[i * good.length + j] * value at good[j].
 * Equations 1 to 3 of the paper: V = c0 + sum of c_j g(cos angle to electrode j), sum of c_j = 0. Every row sums to 1.
 * @param good positions of the electrodes to interpolate from
 * @param bad positions to interpolate at
 * @throws RangeError without a good electrode
 */
export function splineWeights(good: readonly Vec3[], bad: readonly Vec3[]): Float64Array {
  if (good.length === 0) throw new RangeError('no good electrode to interpolate from');
  const system = good.map((a, i) => [...good.map((b, j) => g(dot(a, b)) + (i === j ? REGULARISATION : 0)), 1]);
  system.push([...good.map(() => 1), 0]);
  // The system is symmetric, so solving it for the basis at a bad electrode gives that electrode's row of weights.
  const weights = bad.map((b) => [...good.map((a) => g(dot(a, b))), 1]);
  solve(system, weights);
  return Float64Array.from(weights.flatMap((row) => row.slice(0, good.length)));
}

/** Equation 3: g(x) = 1 / (4 pi) sum over n of (2n + 1) / (n (n + 1))^m P_n(x). */
function g(x: number): number {
  let previous = 1;
  let legendre = x;
  let sum = 0;
  for (let n = 1; n <= LEGENDRE_FACTORS.length; n++) {
    sum += LEGENDRE_FACTORS[n - 1]! * legendre;
    const next = ((2 * n + 1) * x * legendre - n * previous) / (n + 1);
    previous = legendre;
    legendre = next;
  }
  return sum / (4 * Math.PI);
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Gaussian elimination with partial pivoting, in place: each right side becomes its solution. */
function solve(matrix: number[][], rightSides: number[][]): void {
  const size = matrix.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    for (const side of rightSides) [side[column], side[pivot]] = [side[pivot]!, side[column]!];
    const top = matrix[column]!;
    for (let row = column + 1; row < size; row++) {
      const below = matrix[row]!;
      const factor = below[column]! / top[column]!;
      for (let k = column; k < size; k++) below[k]! -= factor * top[k]!;
      for (const side of rightSides) side[row]! -= factor * side[column]!;
    }
  }
  for (const side of rightSides) {
    for (let row = size - 1; row >= 0; row--) {
      let sum = side[row]!;
      for (let k = row + 1; k < size; k++) sum -= matrix[row]![k]! * side[k]!;
      side[row] = sum / matrix[row]![row]!;
    }
  }
}
