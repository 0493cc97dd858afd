/**
 * One step of Stockham's transform on interleaved complex numbers (Van Loan, Computational Frameworks for the Fast
 * Fourier Transform, section 1.7). With r = factor, the step takes, for every j < done and k < rest, the r numbers
 * source[k + rest * (v + r * j)], transforms them, multiplies result u by exp(-2 pi i u k / (r * rest)) and writes it to
 * target[k + rest * (j + done * u)]. `twiddles` has these factors for u > 0 as [rest, r - 1]; `circle` has
 * exp(-2 pi i v / r) for v < r.
 */
export type Pass = (
  source: Float64Array,
  at: number,
  target: Float64Array,
  factor: number,
  done: number,
  rest: number,
  twiddles: Float64Array,
  circle: Float64Array,
) => void;

export const passFour: Pass = (source, at, target, _factor, done, rest, twiddles) => {
  const from = 2 * rest;
  const to = 2 * rest * done;
  let b = 0;
  for (let j = 0; j < done; j++) {
    let a = at + j * 4 * from;
    for (let k = 0, w = 0; k < rest; k++, a += 2, b += 2, w += 6) {
      const ar = source[a]! + source[a + 2 * from]!;
      const ai = source[a + 1]! + source[a + 2 * from + 1]!;
      const br = source[a]! - source[a + 2 * from]!;
      const bi = source[a + 1]! - source[a + 2 * from + 1]!;
      const cr = source[a + from]! + source[a + 3 * from]!;
      const ci = source[a + from + 1]! + source[a + 3 * from + 1]!;
      const dr = source[a + from + 1]! - source[a + 3 * from + 1]!;
      const di = source[a + 3 * from]! - source[a + from]!;
      target[b] = ar + cr;
      target[b + 1] = ai + ci;
      rotate(target, b + to, br + dr, bi + di, twiddles, w);
      rotate(target, b + 2 * to, ar - cr, ai - ci, twiddles, w + 2);
      rotate(target, b + 3 * to, br - dr, bi - di, twiddles, w + 4);
    }
  }
};

const COS_72 = Math.cos((2 * Math.PI) / 5);
const SIN_72 = Math.sin((2 * Math.PI) / 5);
const COS_144 = Math.cos((4 * Math.PI) / 5);
const SIN_144 = Math.sin((4 * Math.PI) / 5);

export const passFive: Pass = (source, at, target, _factor, done, rest, twiddles) => {
  const from = 2 * rest;
  const to = 2 * rest * done;
  let b = 0;
  for (let j = 0; j < done; j++) {
    let a = at + j * 5 * from;
    for (let k = 0, w = 0; k < rest; k++, a += 2, b += 2, w += 8) {
      const zr = source[a]!;
      const zi = source[a + 1]!;
      const pr = source[a + from]! + source[a + 4 * from]!;
      const pi = source[a + from + 1]! + source[a + 4 * from + 1]!;
      const mr = source[a + from]! - source[a + 4 * from]!;
      const mi = source[a + from + 1]! - source[a + 4 * from + 1]!;
      const qr = source[a + 2 * from]! + source[a + 3 * from]!;
      const qi = source[a + 2 * from + 1]! + source[a + 3 * from + 1]!;
      const nr = source[a + 2 * from]! - source[a + 3 * from]!;
      const ni = source[a + 2 * from + 1]! - source[a + 3 * from + 1]!;
      const xr = zr + COS_72 * pr + COS_144 * qr;
      const xi = zi + COS_72 * pi + COS_144 * qi;
      const yr = zr + COS_144 * pr + COS_72 * qr;
      const yi = zi + COS_144 * pi + COS_72 * qi;
      const sr = SIN_72 * mr + SIN_144 * nr;
      const si = SIN_72 * mi + SIN_144 * ni;
      const tr = SIN_144 * mr - SIN_72 * nr;
      const ti = SIN_144 * mi - SIN_72 * ni;
      target[b] = zr + pr + qr;
      target[b + 1] = zi + pi + qi;
      rotate(target, b + to, xr + si, xi - sr, twiddles, w);
      rotate(target, b + 2 * to, yr + ti, yi - tr, twiddles, w + 2);
      rotate(target, b + 3 * to, yr - ti, yi + tr, twiddles, w + 4);
      rotate(target, b + 4 * to, xr - si, xi + sr, twiddles, w + 6);
    }
  }
};

/** Any factor, by the definition of the transform. */
export const passPrime: Pass = (source, at, target, factor, done, rest, twiddles, circle) => {
  const from = 2 * rest;
  const to = 2 * rest * done;
  for (let u = 0; u < factor; u++) {
    let b = u * to;
    for (let j = 0; j < done; j++) {
      for (let k = 0; k < rest; k++, b += 2) {
        const a = at + j * factor * from + 2 * k;
        let re = 0;
        let im = 0;
        for (let v = 0; v < factor; v++) {
          const c = 2 * ((u * v) % factor);
          const sr = source[a + v * from]!;
          const si = source[a + v * from + 1]!;
          re += circle[c]! * sr - circle[c + 1]! * si;
          im += circle[c]! * si + circle[c + 1]! * sr;
        }
        if (u === 0) {
          target[b] = re;
          target[b + 1] = im;
        } else {
          rotate(target, b, re, im, twiddles, 2 * (k * (factor - 1) + u - 1));
        }
      }
    }
  }
};

/** target[at] = (re + i im) * twiddles[w] */
function rotate(target: Float64Array, at: number, re: number, im: number, twiddles: Float64Array, w: number): void {
  const cos = twiddles[w]!;
  const sin = twiddles[w + 1]!;
  target[at] = re * cos - im * sin;
  target[at + 1] = re * sin + im * cos;
}
