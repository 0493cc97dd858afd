import { describe, expect, it } from 'vitest';
import { Random } from '../../src/simulation/random.ts';
import { fitTemperature } from '../../training/calibrate.ts';
import { evaluate } from '../../training/evaluate.ts';
import { meanCrossEntropy, softmax } from '../../training/predict.ts';

describe('evaluate', () => {
  it('counts what a small example gives by hand', () => {
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

  it('refuses to sum up nothing', () => {
    expect(() => evaluate([], [])).toThrow(/no rows/);
  });

  it('finds confidence 1 in the last bin', () => {
    expect(evaluate([[1, 0]], [0]).ece).toBe(0);
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

  it('makes a model no surer than its validation rows can vouch for', () => {
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
