/** Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"). */
import { logSoftmax } from '../loop/predict.ts';

const LOWEST = 0.05;
const HIGHEST = 20;

/**
 * The temperature with the least cross-entropy on validation rows, to three digits. Rows that are all answered rightly
 * would ask for certainty, which a few rows can't vouch for; so the targets are Platt's (1999, "Probabilistic outputs for
 * support vector machines"): (n + 1) / (n + classes) for the label of which there are n rows, and 1 / (n + classes) for others.
 */
export function fitTemperature(logits: readonly number[][], labels: ArrayLike<number>): number {
  const classes = logits[0]!.length;
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const loss = (temperature: number) =>
    logits.reduce((sum, row, i) => {
      const count = counts[labels[i]!]!;
      const logP = logSoftmax(row, temperature);
      const all = logP.reduce((total, value) => total + value, 0);
      return sum - (all + count * logP[labels[i]!]!) / (count + classes);
    }, 0);

  // Golden-section search over ln(temperature).
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(LOWEST);
  let high = Math.log(HIGHEST);
  while (high - low > 1e-4) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    if (loss(Math.exp(a)) < loss(Math.exp(b))) high = b;
    else low = a;
  }
  return Number(Math.exp((low + high) / 2).toPrecision(3));
}
