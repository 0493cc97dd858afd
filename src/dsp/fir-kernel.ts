/** Channels that are filtered together, so that every tap is loaded once. */
export const FIR_LANES = 4;

/**
 * One output of FIR_LANES channels: out[outAt + lane * outStride] = sum over k of taps[tapAt + k] * x[at + lane * stride + k].
 * This is the inner loop of the whole pipeline.
 */
export function firLanes(
  x: Float64Array,
  at: number,
  stride: number,
  taps: Float64Array,
  tapAt: number,
  tapCount: number,
  out: Float64Array,
  outAt: number,
  outStride: number,
): void {
  const at1 = at + stride;
  const at2 = at1 + stride;
  const at3 = at2 + stride;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let k = 0; k < tapCount; k++) {
    const tap = taps[tapAt + k]!;
    sum0 += tap * x[at + k]!;
    sum1 += tap * x[at1 + k]!;
    sum2 += tap * x[at2 + k]!;
    sum3 += tap * x[at3 + k]!;
  }
  out[outAt] = sum0;
  out[outAt + outStride] = sum1;
  out[outAt + 2 * outStride] = sum2;
  out[outAt + 3 * outStride] = sum3;
}

/** `firLanes` for symmetric taps, taps[k] === taps[2 * half - k], with half of the products; reads taps[0] to taps[half]. */
export function firSymmetricLanes(
  x: Float64Array,
  at: number,
  stride: number,
  taps: Float64Array,
  half: number,
  out: Float64Array,
  outAt: number,
  outStride: number,
): void {
  const at1 = at + stride;
  const at2 = at1 + stride;
  const at3 = at2 + stride;
  const centre = taps[half]!;
  let sum0 = centre * x[at + half]!;
  let sum1 = centre * x[at1 + half]!;
  let sum2 = centre * x[at2 + half]!;
  let sum3 = centre * x[at3 + half]!;
  for (let k = 0, mirror = 2 * half; k < half; k++, mirror--) {
    const tap = taps[k]!;
    sum0 += tap * (x[at + k]! + x[at + mirror]!);
    sum1 += tap * (x[at1 + k]! + x[at1 + mirror]!);
    sum2 += tap * (x[at2 + k]! + x[at2 + mirror]!);
    sum3 += tap * (x[at3 + k]! + x[at3 + mirror]!);
  }
  out[outAt] = sum0;
  out[outAt + outStride] = sum1;
  out[outAt + 2 * outStride] = sum2;
  out[outAt + 3 * outStride] = sum3;
}
