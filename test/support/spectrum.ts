/** Spectra of 4 s at 256 Hz, as a simple independent reference for tests. */
export const RATE_HZ = 256;
const WINDOW = 4 * RATE_HZ;

const BANDS = {
  delta: [1, 3],
  theta: [4, 7],
  alpha: [8, 13],
  beta: [14, 30],
  gamma: [31, 50],
} as const;
export type BandName = keyof typeof BANDS;
const NAMES = Object.keys(BANDS) as BandName[];

const COS = Float64Array.from({ length: WINDOW }, (_, k) => Math.cos((2 * Math.PI * k) / WINDOW));
const SIN = Float64Array.from({ length: WINDOW }, (_, k) => Math.sin((2 * Math.PI * k) / WINDOW));

/** In-place radix-2 FFT of WINDOW samples. */
function fft(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const [x, y] = [re[i]!, im[i]!];
      re[i] = re[j]!;
      im[i] = im[j]!;
      re[j] = x;
      im[j] = y;
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const c = COS[(k * n) / size]!;
      const s = -SIN[(k * n) / size]!;
      for (let i = k; i < n; i += size) {
        const j = i + size / 2;
        const xr = re[j]! * c - im[j]! * s;
        const xi = re[j]! * s + im[j]! * c;
        re[j] = re[i]! - xr;
        im[j] = im[i]! - xi;
        re[i]! += xr;
        im[i]! += xi;
      }
    }
  }
}

/** One-sided power in uV^2 of each bin of 0.25 Hz, of WINDOW samples of x from `from` under a Hann taper. */
export function periodogram(x: Float32Array, from: number): Float64Array {
  const re = new Float64Array(WINDOW);
  const im = new Float64Array(WINDOW);
  let mean = 0;
  for (let i = 0; i < WINDOW; i++) mean += x[from + i]! / WINDOW;
  let energy = 0;
  for (let i = 0; i < WINDOW; i++) {
    const w = 0.5 - 0.5 * COS[i]!;
    re[i] = w * (x[from + i]! - mean);
    energy += w * w;
  }
  fft(re, im);
  return Float64Array.from({ length: WINDOW / 2 }, (_, k) => (2 * (re[k]! ** 2 + im[k]! ** 2)) / (WINDOW * energy));
}

/** ln of the power in each band, in the order of BANDS. */
export function logBandPowers(x: Float32Array, from: number): number[] {
  const power = periodogram(x, from);
  return NAMES.map((name) => {
    const [lo, hi] = BANDS[name];
    return Math.log(power.subarray(4 * lo, 4 * hi).reduce((a, b) => a + b, 0));
  });
}

export function bandIndex(name: BandName): number {
  return NAMES.indexOf(name);
}

export function mean(x: Iterable<number>): number {
  const values = [...x];
  return values.reduce((a, b) => a + b, 0) / values.length;
}
