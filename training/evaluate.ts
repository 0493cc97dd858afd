/** The figures of a set of predictions. */
import { AffectEdgeError } from '../src/errors.ts';
import type { Metrics } from '../src/model/manifest.ts';

const ECE_BINS = 15;

/** probabilities [rows][classes], labels [rows]; accuracies and ECE to four digits. Throws DATA_INVALID without a row. */
export function evaluate(probabilities: readonly (readonly number[])[], labels: ArrayLike<number>): Metrics {
  if (probabilities.length === 0)
    throw new AffectEdgeError('DATA_INVALID', 'no rows to evaluate; none was answered or given');
  const classes = probabilities[0]!.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const bins = Array.from({ length: ECE_BINS }, () => ({ right: 0, confidence: 0 }));
  for (const [i, row] of probabilities.entries()) {
    const confidence = Math.max(...row);
    const predicted = row.indexOf(confidence);
    confusion[labels[i]!]![predicted]!++;
    const bin = bins[Math.min(ECE_BINS - 1, Math.floor(confidence * ECE_BINS))]!;
    bin.confidence += confidence;
    if (predicted === labels[i]) bin.right++;
  }
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  const present = confusion
    .map((row, c) => ({ right: row[c]!, count: row.reduce((a, b) => a + b, 0) }))
    .filter(({ count }) => count > 0);
  const balanced = present.reduce((sum, row) => sum + row.right / row.count, 0) / present.length;
  // Expected calibration error (Naeini et al. 2015): bins of equal width, weighted by their counts.
  const ece = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / probabilities.length;
  return {
    accuracy: round(right / probabilities.length),
    balanced_accuracy: round(balanced),
    ece: round(ece),
    confusion,
  };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
