/** Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"). */
import { logSoftmax, softmax } from '../loop/predict.ts';

const LOWEST = 0.05;
const HIGHEST = 20;

/** A network whose probabilities are calibrated on validation rows. */
interface Calibrated<Rows> {
  readonly temperature: number;
  /** [rows][classes] */
  probabilities(rows: Rows): Promise<number[][]>;
}

/** Fits the temperature to the network's logits for the validation rows. `logitsOf` gives [rows][classes]. */
export async function calibrate<Rows>(
  logitsOf: (rows: Rows) => Promise<number[][]>,
  validation: Rows,
  labels: ArrayLike<number>,
): Promise<Calibrated<Rows>> {
  const temperature = fitTemperature(await logitsOf(validation), labels);
  return {
    temperature,
    probabilities: async (rows) => (await logitsOf(rows)).map((row) => softmax(row, temperature)),
  };
}

/**
 * The temperature with the lowest cross-entropy on validation rows, to three digits. logits [rows][classes], labels
 * [rows]. If all rows are classified correctly, hard labels would make the temperature fall without limit, so the
 * targets are Platt's (1999, "Probabilistic outputs for support vector machines"): (n + 1) / (n + classes) for a label
 * that n rows have, and 1 / (n + classes) for the others.
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
