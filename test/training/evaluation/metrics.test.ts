import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { fitTemperature } from '../../../training/evaluation/calibrate.ts';
import { evaluate, pooled, summarise } from '../../../training/evaluation/metrics.ts';
import { meanCrossEntropy, softmax } from '../../../training/loop/predict.ts';

describe('evaluate', () => {
  it('match a small example computed by hand', () => {
    const probabilities = [
      [0.9, 0.1],
      [0.8, 0.2],
      [0.4, 0.6],
      [0.7, 0.3],
    ];
    // Confidences 0.9, 0.8, 0.6 right and 0.7 wrong, each in a bin of its own of fifteen.
    expect(evaluate(probabilities, [0, 0, 1, 1])).toEqual({
      accuracy: 0.75,
      balanced_accuracy: 0.75,
      macro_f1: Number(((4 / 5 + 2 / 3) / 2).toFixed(4)),
      ece: (0.1 + 0.2 + 0.4 + 0.7) / 4,
      confusion: [
        [2, 0],
        [1, 1],
      ],
    });
  });

  it('balances over the classes that occur', () => {
    const probabilities = [...new Array(9).fill([0.8, 0.1, 0.1]), [0.8, 0.1, 0.1]];
    const { accuracy, balanced_accuracy } = evaluate(probabilities, [...new Array(9).fill(0), 1]);
    expect(accuracy).toBe(0.9);
    expect(balanced_accuracy).toBe(0.5);
  });

  it('refuses an empty list', () => {
    expect(() => evaluate([], [])).toThrow(/no rows/);
  });

  it('finds confidence 1 in the last bin', () => {
    expect(evaluate([[1, 0]], [0]).ece).toBe(0);
  });

  it.each([
    ['a label beyond the classes', [[0.6, 0.4]], [2]],
    ['a label below 0', [[0.6, 0.4]], [-1]],
    ['a probability that is no number', [[Number.NaN, 0.4]], [0]],
  ])('refuses %s', (_, probabilities, labels) => {
    expect(() => evaluate(probabilities, labels)).toThrow(/row 0 has label/);
  });
});

interface GoldenFigures {
  about?: string;
  classes: number;
  labels: number[];
  predicted: number[];
  accuracy: number;
  balanced_accuracy: number;
  macro_f1: number;
}

describe('figures of a confusion matrix', () => {
  const golden = (
    JSON.parse(readFileSync(new URL('../../golden/stats.json', import.meta.url), 'utf8')) as {
      figures: GoldenFigures[];
    }
  ).figures;
  const oneHot = (predicted: readonly number[], classes: number) =>
    predicted.map((p) => Array.from({ length: classes }, (_, c) => Number(c === p)));
  const named = golden.map(
    (each) => [each.about ?? `${each.labels.length} rows, ${each.classes} classes`, each] as const,
  );

  it.each(named)('are the golden ones: %s', (_, { classes, labels, predicted, ...expected }) => {
    const found = evaluate(oneHot(predicted, classes), labels);
    for (const figure of ['accuracy', 'balanced_accuracy', 'macro_f1'] as const) {
      expect(found[figure], figure).toBeCloseTo(expected[figure], 4);
    }
  });

  it.each(named)('are the same of folds as of all their rows at once: %s', (_, { classes, labels, predicted }) => {
    const probabilities = oneHot(predicted, classes);
    const cuts = [0, 1, Math.ceil(labels.length / 2), labels.length];
    const folds = cuts
      .slice(1)
      .map((end, f) => evaluate(probabilities.slice(cuts[f], end), labels.slice(cuts[f], end)));
    const { ece: _ece, ...together } = evaluate(probabilities, labels);
    expect(pooled(folds)).toEqual(together);
  });

  it('are refused without folds, without rows, and for folds with other classes', () => {
    const fold = (classes: number, rows: number) => ({
      confusion: Array.from({ length: classes }, () => new Array<number>(classes).fill(rows)),
    });
    expect(() => pooled([])).toThrow(/no rows/);
    expect(() => pooled([fold(2, 0)])).toThrow(/no rows/);
    expect(() => pooled([fold(2, 1), fold(3, 1)])).toThrow(/a fold with 3 classes can't be pooled with one of 2/);
  });
});

describe('summarise', () => {
  it('gives the mean and the sample standard deviation', () => {
    expect(summarise([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: Math.sqrt(32 / 7) });
  });

  it('has no deviation for one value, and refuses none', () => {
    expect(summarise([0.7])).toEqual({ mean: 0.7, std: null });
    expect(() => summarise([])).toThrow(/no values/);
  });
});

describe('temperature', () => {
  /** Labels drawn from softmax(logits / true temperature). */
  function drawn(temperature: number) {
    const random = new Random('temperature', temperature);
    const logits = Array.from({ length: 4000 }, () => [0, 0, 0].map(() => 3 * random.normal()));
    const labels = logits.map((row) => {
      const p = softmax(row, temperature);
      const u = random.uniform();
      return u < p[0]! ? 0 : u < p[0]! + p[1]! ? 1 : 2;
    });
    return { logits, labels };
  }

  it.each([0.7, 1, 2.5])('finds the temperature %s that drew the labels', (temperature) => {
    const { logits, labels } = drawn(temperature);
    const fitted = fitTemperature(logits, labels);
    expect(Math.abs(Math.log(fitted / temperature))).toBeLessThan(0.1);
  });

  it('limits confidence by the number of validation rows', () => {
    for (const rows of [1, 10, 100]) {
      const fitted = fitTemperature(new Array(rows).fill([9, 0]), new Array(rows).fill(0));
      expect(softmax([9, 0], fitted)[0]).toBeCloseTo((rows + 1) / (rows + 2), 2);
    }
  });
});

describe('cross-entropy of logits', () => {
  it('survives logits that overflow an exponential', () => {
    expect(meanCrossEntropy([[1000, 0]], [0])).toBe(0);
    expect(meanCrossEntropy([[1000, 0]], [1])).toBe(1000);
  });
});
