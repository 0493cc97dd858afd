import fc from 'fast-check';

/** Block sizes that cut `length` samples. The output of a stage must not depend on them (the chunk law). */
export function cuts(length: number): fc.Arbitrary<number[]> {
  return fc.oneof(
    fc.constantFrom(1, 5, 20, length).map((size) => fixed(length, size)),
    fc
      .array(fc.integer({ min: 1, max: Math.max(2, length >> 2) }), { minLength: length, maxLength: length })
      .map((sizes) => fitted(length, sizes)),
  );
}

function fixed(length: number, size: number): number[] {
  return fitted(length, new Array<number>(Math.ceil(length / size)).fill(size));
}

function fitted(length: number, sizes: readonly number[]): number[] {
  const cut: number[] = [];
  let left = length;
  for (const size of sizes) {
    if (left === 0) break;
    cut.push(Math.min(size, left));
    left -= Math.min(size, left);
  }
  return cut;
}
