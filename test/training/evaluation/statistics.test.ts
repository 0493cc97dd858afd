import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, pairedTTest } from '../../../training/evaluation/statistics.ts';

interface Golden {
  paired_t_tests: { about: string; a: number[]; b: number[]; t: number; p: number; df: number }[];
  false_discovery: { p: number[]; q: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../../golden/stats.json', import.meta.url), 'utf8')) as Golden;

/** Error relative to the expected value. */
function expectRatio(found: number, expected: number, what: string): void {
  expect(Math.abs(found - expected), `${what}: ${found} for ${expected}`).toBeLessThanOrEqual(
    1e-9 * Math.abs(expected),
  );
}

describe('pairedTTest', () => {
  it.each(golden.paired_t_tests)('has the golden t and p: $about', ({ a, b, t, p, df }) => {
    const found = pairedTTest(a, b);
    expectRatio(found.t, t, 't');
    expectRatio(found.p, p, 'p');
    expect(found.df).toBe(df);
  });

  it('changes only its sign with the order of the methods', () => {
    const [a, b] = [
      [0.7, 0.6, 0.9, 0.8],
      [0.6, 0.65, 0.7, 0.7],
    ];
    const there = pairedTTest(a, b);
    expect(there.meanDifference).toBeCloseTo(0.0875, 12);
    expect(pairedTTest(b, a)).toEqual({ ...there, t: -there.t, meanDifference: -there.meanDifference });
  });

  it('has p = 0 where every pair differs by the same amount', () => {
    expect(pairedTTest([3, 2, 5], [1, 0, 3])).toEqual({ t: Infinity, df: 2, p: 0, meanDifference: 2 });
    expect(pairedTTest([1, 0, 3], [3, 2, 5])).toEqual({ t: -Infinity, df: 2, p: 0, meanDifference: -2 });
  });

  it('finds no difference between a method and itself', () => {
    const same = { t: 0, df: 2, p: 1, meanDifference: 0 };
    expect(pairedTTest([0.5, 0.6, 0.7], [0.5, 0.6, 0.7])).toEqual(same);
    // The same three seeds, averaged in another order.
    const mean = (x: number, y: number, z: number) => (x + y + z) / 3;
    const rounded = pairedTTest([mean(0.1, 0.2, 0.3), 0.6, 0.7], [mean(0.3, 0.2, 0.1), 0.6, 0.7]);
    expect(mean(0.1, 0.2, 0.3)).not.toBe(mean(0.3, 0.2, 0.1));
    expect(rounded).toEqual(same);
  });

  it.each<[string, number[], number[], RegExp]>([
    ['one subject', [0.5], [0.6], /at least two subjects, got 1/],
    ['no subject', [], [], /at least two subjects, got 0/],
    ['different subjects', [0.5, 0.6], [0.6], /2 values against 1/],
    ['a figure that is missing', [0.5, Number.NaN], [0.6, 0.7], /of NaN/],
  ])('refuses %s', (_, a, b, message) => {
    expect(() => pairedTTest(a, b)).toThrow(message);
    expect(() => pairedTTest(a, b)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
  });
});

describe('benjaminiHochberg', () => {
  it.each(golden.false_discovery.map((each) => [each.p.length, each] as const))(
    'is what SciPy finds for %i tests',
    (_, { p, q }) => {
      for (const [i, found] of benjaminiHochberg(p).entries()) expectRatio(found, q[i]!, `q of test ${i}`);
    },
  );

  it('returns nothing for no tests', () => {
    expect(benjaminiHochberg([])).toEqual([]);
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses %s', (p) => {
    expect(() => benjaminiHochberg([0.5, p])).toThrow(/is no p-value/);
  });
});
