import fc from 'fast-check';
import { isAffectEdgeError } from '../../src/errors.ts';

/** Reads `whole` with a few bytes overwritten by noise, with and without salvage, and allows only AffectEdgeError. */
export function expectOnlyRefusals(
  whole: Buffer,
  read: (bytes: Buffer, salvage: boolean) => unknown,
  numRuns: number,
): void {
  fc.assert(
    fc.property(
      fc.nat(whole.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.boolean(),
      (at, noise, salvage) => {
        try {
          read(Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at + noise.length)]), salvage);
        } catch (error) {
          if (!isAffectEdgeError(error)) throw error;
        }
      },
    ),
    { numRuns },
  );
}
