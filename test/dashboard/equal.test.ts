import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEqual } from '../../src/dashboard/equal.ts';

it('compares JSON values as isDeepStrictEqual does', () => {
  const json = fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown);
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isEqual(a, b)).toBe(isDeepStrictEqual(a, b));
      expect(isEqual(a, structuredClone(a))).toBe(true);
    }),
  );
});

it.each([
  [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: 1 }, { a: 1, b: 1 }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [null, {}, false],
  [1, '1', false],
])('%j and %j: %s', (a, b, expected) => {
  expect(isEqual(a, b)).toBe(expected);
});
