/** Metrics of a set of predictions. */
import { AffectEdgeError } from '../../src/errors.ts';
import type { Metrics } from '../../src/model/manifest.ts';

const ECE_BINS = 15;

export const SIMULATED_NOTICE =
  'SIMULATED data: the figures compare methods with each other and say nothing about people';

/** Metrics that follow from a confusion matrix alone. */
type ConfusionFigures = Omit<Metrics, 'ece' | 'macro_f1'> & { macro_f1: number };

/**
 * Metrics to four digits of probabilities [rows][classes] and labels [rows]. Throws DATA_INVALID without rows, for a
 * label that is not a class index, and for a probability that is not a number.
 */
export function evaluate(
  probabilities: readonly (readonly number[])[],
  labels: ArrayLike<number>,
): ConfusionFigures & { ece: number } {
  if (probabilities.length === 0)
    throw new AffectEdgeError('DATA_INVALID', 'no rows to evaluate; none was answered or given');
  const classes = probabilities[0]!.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const bins = Array.from({ length: ECE_BINS }, () => ({ right: 0, confidence: 0 }));
  for (const [i, row] of probabilities.entries()) {
    const confidence = Math.max(...row);
    const predicted = row.indexOf(confidence);
    const counts = confusion[labels[i]!];
    if (counts === undefined || predicted < 0) {
      throw new AffectEdgeError(
        'DATA_INVALID',
        `row ${i} has label ${labels[i]} and probabilities ${row.join(', ')}; ` +
          `labels must be 0 to ${classes - 1} and probabilities numbers`,
      );
    }
    counts[predicted]!++;
    const bin = bins[Math.min(ECE_BINS - 1, Math.floor(confidence * ECE_BINS))]!;
    bin.confidence += confidence;
    if (predicted === labels[i]) bin.right++;
  }
  // Expected calibration error (Naeini et al. 2015): bins of equal width, weighted by their counts.
  const ece = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / probabilities.length;
  return { ...figuresOf(confusion), ece: rounded(ece) };
}

/** Metrics of all folds' rows together, with the mean of the folds' calibration errors. Throws as `pooled`. */
export function pooledWithEce(
  folds: readonly { readonly metrics: Pick<Metrics, 'confusion' | 'ece'> }[],
): ConfusionFigures & { ece: number } {
  const metrics = folds.map((fold) => fold.metrics);
  return { ...pooled(metrics), ece: rounded(summarise(metrics.map(({ ece }) => ece)).mean) };
}

/**
 * Metrics of all folds' rows together, from the sum of their confusion matrices; the calibration error can't be summed
 * and is left out. Throws DATA_INVALID without folds, and where folds differ in their classes.
 */
export function pooled(folds: readonly Pick<Metrics, 'confusion'>[]): ConfusionFigures {
  const classes = folds[0]?.confusion.length ?? 0;
  const odd = folds.find(({ confusion }) => confusion.length !== classes);
  if (odd !== undefined) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `a fold with ${odd.confusion.length} classes can't be pooled with one of ${classes}; pool folds of one table`,
    );
  }
  const indices = [...Array(classes).keys()];
  return figuresOf(indices.map((t) => indices.map((p) => total(folds.map(({ confusion }) => confusion[t]![p]!)))));
}

/** Mean and sample standard deviation (n - 1; null for a single value). Throws DATA_INVALID without values. */
export function summarise(values: readonly number[]): { mean: number; std: number | null } {
  if (values.length === 0)
    throw new AffectEdgeError('DATA_INVALID', 'no values to summarise; no subject was evaluated');
  const mean = total(values) / values.length;
  if (values.length === 1) return { mean, std: null };
  return { mean, std: Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / (values.length - 1)) };
}

/**
 * From a confusion matrix [true class][predicted class]. Balanced accuracy is the mean recall of the classes that have
 * rows; macro-F1 is the mean of 2 TP / (2 TP + FP + FN) over the classes that have rows or predictions. Both as in
 * scikit-learn by default.
 */
function figuresOf(confusion: number[][]): ConfusionFigures {
  const classes = confusion.map((row, c) => ({
    right: row[c]!,
    labelled: total(row),
    predicted: total(confusion.map((each) => each[c]!)),
  }));
  const rows = total(classes.map(({ labelled }) => labelled));
  if (rows === 0) throw new AffectEdgeError('DATA_INVALID', 'no rows to evaluate; the confusion matrix is empty');
  const recalls = classes.filter(({ labelled }) => labelled > 0).map(({ right, labelled }) => right / labelled);
  const f1s = classes
    .filter(({ labelled, predicted }) => labelled + predicted > 0)
    .map(({ right, labelled, predicted }) => (2 * right) / (labelled + predicted));
  return {
    accuracy: rounded(total(classes.map(({ right }) => right)) / rows),
    balanced_accuracy: rounded(total(recalls) / recalls.length),
    macro_f1: rounded(total(f1s) / f1s.length),
    confusion,
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** To the four digits of all reported figures. */
export function rounded(value: number): number {
  return Number(value.toFixed(4));
}
