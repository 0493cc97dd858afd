/** Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"). */
import { meanCrossEntropy } from './predict.ts';

/** Rows that are all answered rightly would ask for certainty, which a few validation rows can't vouch for. */
const LOWEST = 0.5;
const HIGHEST = 10;

/** The temperature with the least cross-entropy on validation rows, to three digits. */
export function fitTemperature(logits: readonly number[][], labels: ArrayLike<number>): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(LOWEST);
  let high = Math.log(HIGHEST);
  while (high - low > 1e-4) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    const lossA = meanCrossEntropy(logits, labels, Math.exp(a));
    if (lossA < meanCrossEntropy(logits, labels, Math.exp(b))) high = b;
    else low = a;
  }
  return Number(Math.exp((low + high) / 2).toPrecision(3));
}
