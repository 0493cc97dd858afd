/** Frequency response H(f) of second-order sections (5 coefficients each, as in src/dsp/butterworth.ts): [re, im]. */
export function frequencyResponse(sos: Float64Array, freqHz: number, rateHz: number): [number, number] {
  const angle = (-2 * Math.PI * freqHz) / rateHz;
  const z1: [number, number] = [Math.cos(angle), Math.sin(angle)];
  const z2: [number, number] = [Math.cos(2 * angle), Math.sin(2 * angle)];
  let re = 1;
  let im = 0;
  for (let k = 0; k < sos.length; k += 5) {
    const [b0, b1, b2, a1, a2] = sos.subarray(k, k + 5) as unknown as [number, number, number, number, number];
    const nr = b0 + b1 * z1[0] + b2 * z2[0];
    const ni = b1 * z1[1] + b2 * z2[1];
    const dr = 1 + a1 * z1[0] + a2 * z2[0];
    const di = a1 * z1[1] + a2 * z2[1];
    const d = dr * dr + di * di;
    const hr = (nr * dr + ni * di) / d;
    const hi = (ni * dr - nr * di) / d;
    [re, im] = [re * hr - im * hi, re * hi + im * hr];
  }
  return [re, im];
}
