import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { type NpyData, readNpy, writeNpy } from '../../../src/formats/arrays/npy.ts';

interface Golden {
  good: { name: string; shape: number[]; dtype: string; values: string[]; npy: string }[];
  fortran: string;
  big_endian: string;
}
const golden = JSON.parse(readFileSync(new URL('../../golden/formats.json', import.meta.url), 'utf8')) as Golden;
const bytesOf = (base64: string) => Buffer.from(base64, 'base64');
const parse = (dtype: string, value: string) =>
  /^<[iu]8$/.test(dtype) ? BigInt(value) : value === 'inf' ? Number.POSITIVE_INFINITY : Number(value);

describe('npy', () => {
  it.each(golden.good)('reads and writes NumPy files: $name', ({ shape, dtype, values, npy }) => {
    const array = readNpy(bytesOf(npy), 'a.npy');
    expect(array.shape).toEqual(shape);
    expect([...array.data]).toEqual(values.map((value) => parse(dtype, value)));
    expect(Buffer.from(writeNpy(array)).equals(bytesOf(npy))).toBe(true);
  });

  it('aligns the data to 64 bytes and ends the header with a line break, for any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }), (shape) => {
        const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 3);
        const bytes = Buffer.from(writeNpy({ shape, data }));
        const start = 10 + bytes.readUInt16LE(8);
        expect(start % 64).toBe(0);
        expect(bytes[start - 1]).toBe(10);
        expect(readNpy(bytes, 'a.npy')).toEqual({ shape, data });
      }),
    );
  });

  it('keeps every bit of every type', () => {
    const arrays: NpyData[] = [
      new Float32Array([Number.NaN, -0, 1e-45]),
      new Float64Array([Number.NaN, 5e-324]),
      new Int32Array([-(2 ** 31), 2 ** 31 - 1]),
      new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]),
      new Int8Array([-128, 127]),
      new Uint8Array([0, 255]),
      new Int16Array([-32768, 32767]),
      new Uint16Array([0, 65535]),
      new Uint32Array([0, 2 ** 32 - 1]),
      new BigUint64Array([0n, 2n ** 64n - 1n]),
    ];
    for (const data of arrays) expect(readNpy(writeNpy({ shape: [data.length], data }), 'a.npy').data).toEqual(data);
  });

  it('refuses Fortran order, unknown types and every cut', () => {
    expect(() => readNpy(bytesOf(golden.fortran), 'f.npy')).toThrow(/f\.npy: .*Fortran order/);
    expect(() => readNpy(bytesOf(golden.big_endian), 'b.npy')).toThrow(/">f4", expected one of <f4/);
    const whole = bytesOf(golden.good[0]!.npy);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readNpy(whole.subarray(0, length), 'cut.npy')).toThrow(/cut\.npy/);
    }
  });

  it('throws only FILE_INVALID for any bytes', () => {
    const whole = bytesOf(golden.good[0]!.npy);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
        const bytes = Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at + noise.length)]);
        try {
          readNpy(bytes, 'noise.npy');
        } catch (error) {
          expect(isAffectEdgeError(error, 'FILE_INVALID')).toBe(true);
        }
      }),
    );
  });
});
