import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { type PickledValue, readPickle } from '../../../src/formats/arrays/pickle.ts';
import { numbersOf, PickledArray } from '../../../src/formats/arrays/pickled-array.ts';

const golden = JSON.parse(readFileSync(new URL('../../golden/pickles.json', import.meta.url), 'utf8')) as {
  data: number[];
  labels: number[];
  pickles: Record<string, string>;
};
const pickled = (name: string): Buffer => {
  const base64 = golden.pickles[name];
  if (base64 === undefined) throw new Error(`no pickle "${name}"`);
  return Buffer.from(base64, 'base64');
};
const raw = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const read = (bytes: Buffer): PickledValue => readPickle(bytes, 'x.dat');
const numbers = (value: unknown): number[] => {
  if (!(value instanceof PickledArray)) throw new Error(`${String(value)} is no array`);
  const length = value.shape.reduce((product, size) => product * size, 1);
  return Array.from(numbersOf(value, 0, length));
};

describe('a pickle', () => {
  it.each([
    'python 2, protocol 1',
    'python 2, protocol 2',
    'python 3, protocol 2',
    'python 3, protocol 3',
    'python 3, protocol 4',
  ])('of a dictionary of arrays is read: %s', (name) => {
    const value = read(pickled(name)) as Map<string, PickledArray>;
    expect([...value.keys()].sort()).toEqual(['data', 'labels']);
    expect(value.get('data')).toMatchObject({ shape: [1, 2, 3], dtype: '<f8' });
    expect(value.get('labels')!.shape).toEqual([1, 4]);
    expect(numbers(value.get('data'))).toEqual(golden.data);
    expect(numbers(value.get('labels'))).toEqual(golden.labels);
    expect(Array.from(numbersOf(value.get('data')!, 2, 4))).toEqual(golden.data.slice(2, 4));
  });

  it('may have numbers of every size', () => {
    const kinds = read(pickled('kinds')) as Map<string, PickledArray>;
    expect([...kinds.keys()].sort()).toEqual(['<f4', '<f8', '<i2', '<i4', '<i8', '|i1', '|u1']);
    for (const [dtype, array] of kinds) {
      expect(array.dtype).toBe(dtype);
      expect(numbers(array)).toEqual([1, 2, 3]);
    }
  });

  it('may have plain values', () => {
    expect(read(pickled('values'))).toEqual([
      ...[null, true, false, 0, 7, 300, -5, 2 ** 40, 0.5, 'text é', Buffer.from('bytes')],
      ...[[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
    ]);
  });

  it('keeps shared references', () => {
    const [first, second, again] = read(pickled('shared')) as [PickledArray, PickledArray, Map<string, PickledArray>];
    expect(second).toBe(first);
    expect(again.get('again')).toBe(first);
    expect(numbers(first)).toEqual([4]);
  });

  it('keeps arrays as views of the file', () => {
    const bytes = pickled('python 2, protocol 2');
    const { bytes: view } = (read(bytes) as Map<string, PickledArray>).get('data')!;
    expect(view.buffer).toBe(bytes.buffer);
  });
});

describe('a hostile pickle', () => {
  it.each([
    ['system', /names "(posix|nt) system", which is not part of an array and is not looked up/],
    ['system in a dictionary', /names "(posix|nt) system"/],
    ['eval', /names "__builtin__ eval"/],
    ['scalar', /names "numpy\S* scalar"/],
    ['objects', /NumPy type "\|O8"/],
    ['big endian', /NumPy type ">f8", expected <f8, /],
    ['fortran', /Fortran order: save np\.ascontiguousarray/],
    ['protocol 5', /protocol 5, expected 1 to 4: write it with protocol=4/],
    ['protocol 0', /instruction 0x/],
  ])('is refused and runs nothing: %s', (name, message) => {
    expect(() => read(pickled(name))).toThrow(message);
    expect(existsSync('executed')).toBe(false);
  });

  it.each([
    ['an empty file', raw('')],
    ['no end', raw('K', [1])],
    ['no result', raw('.')],
    ['a mark as the result', raw('(.')],
    ['text longer than the file', raw('X', [255, 255, 255, 127], 'abc.')],
    ['bytes longer than any memory', raw([0x8e], [255, 255, 255, 255, 255, 255, 255, 255], '.')],
    ['a memo entry that was never stored', raw('h', [7], '.')],
    ['an unfinished name', raw('cnumpy\nndarray')],
    ['a callable as data', raw('cnumpy\nndarray\n.')],
    ['a type as data', raw('cnumpy\ndtype\n', 'U', [2], 'f8', [0x85], 'R.')],
    ['an array without content', raw('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n', [0x85], 'R.')],
    ['a call of a number', raw('K', [1], ')R.')],
    ['a dictionary as operands', raw('cnumpy\ndtype\n}R.')],
    ['a state for a number', raw('K', [1], ')b.')],
    ['entries of a list', raw(']K', [1], 'K', [2], 's.')],
    ['an odd number of entries', raw('}(K', [1], 'u.')],
    ['appending to a dictionary', raw('}K', [1], 'a.')],
    ['a list as a key', raw('}]K', [1], 's.')],
    ['attributes of a prototype', raw('cnumpy\n__proto__\n.')],
    ['an inherited name', raw('cconstructor\nconstructor\n.')],
    ['a global by its stack', raw('U', [2], 'os', 'U', [6], 'system', [0x93], '.')],
    ['another codec', raw('c_codecs\nencode\nX', [1, 0, 0, 0], 'aX', [4, 0, 0, 0], 'utf7', [0x86], 'R.')],
    ['an instance of a class', raw('(ios\nsystem\n.')],
    ['an object by class', raw('cnumpy\nndarray\n)', [0x81], '.')],
    ['an extension', raw([0x82], [1], '.')],
    ['a persistent identifier', raw('P1\n.')],
    ['a huge whole number', raw([0x8a], [255], '.')],
  ])('is refused: %s', (_, bytes) => {
    const refused = expect.objectContaining({ code: 'FILE_INVALID', message: expect.stringContaining('x.dat: ') });
    expect(() => read(bytes)).toThrow(refused);
  });

  it('refuses an array whose shape and bytes disagree', () => {
    const array = (shape: number[], bytes: number) =>
      raw(
        'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n',
        ...[[0x85], 'R(K', [1], '('],
        ...shape.flatMap((size) => ['M', [size & 255, size >> 8]]),
        ...['tcnumpy\ndtype\nU', [2], 'f8', [0x85], 'R(K', [3], 'U', [1], '<tb', [0x89]],
        ...['T', [bytes, 0, 0, 0], 'x'.repeat(bytes), 'tb.'],
      );
    expect(numbers(read(array([2], 16)))).toHaveLength(2);
    expect(() => read(array([3], 16))).toThrow(/shape \(3\), which needs 24 bytes, with 16/);
    expect(() => read(array(Array(30).fill(65535) as number[], 16))).toThrow(/needs .* bytes, with 16/);
    expect(() => read(array(Array(100).fill(1) as number[], 8))).toThrow(/without a shape/);
  });

  it('cannot claim memory by encoding one text many times', () => {
    const length = 1000;
    const encode = raw('h', [0], 'h', [1], 'h', [2], [0x86], 'R0');
    const start = raw(
      ...['c_codecs\nencode\nq', [0], 'X', [length & 255, length >> 8, 0, 0], 'a'.repeat(length), 'q', [1]],
      ...['X', [6, 0, 0, 0], 'latin1', 'q', [2]],
    );
    const often = Buffer.concat([start, ...Array(50).fill(encode.subarray(0, -1)), raw('.')]);
    expect(() => read(often as Buffer)).toThrow(/encodes more text than it contains/);
  });

  it('is visited once per container where references multiply', () => {
    // 200 lists, each holding the one before twice: following every reference would visit 2^200 values.
    const nest = Array.from({ length: 200 }, (_, i) => raw('](h', [i], 'h', [i], 'eq', [i + 1]));
    const outer = read(Buffer.concat([raw(']q', [0]), ...nest, raw('.')]));
    expect(outer).toHaveLength(2);
  });

  it('throws only FILE_INVALID for any bytes', () => {
    const wholes = ['python 2, protocol 2', 'python 3, protocol 2', 'python 3, protocol 4', 'values'].map(pickled);
    fc.assert(
      fc.property(
        fc.constantFrom(...wholes),
        fc.nat(),
        fc.uint8Array({ minLength: 0, maxLength: 8 }),
        fc.boolean(),
        (whole, place, noise, cut) => {
          const at = place % whole.length;
          const rest = cut ? whole.subarray(0, 0) : whole.subarray(at + noise.length);
          expectOnlyFileInvalid(Buffer.concat([whole.subarray(0, at), noise, rest]));
        },
      ),
      { numRuns: 3000 },
    );
    const opcodes = [...'(NKMJGUTCBX}])tlaesuqrhjcRb.\x80\x88\x89\x8a\x8c\x8d\x8e\x85\x86\x87\x93\x94\x95'];
    const soup = fc.array(
      fc.oneof(fc.constantFrom(...opcodes), fc.constantFrom('\x00', '\x01', '\n', 'numpy\nndarray\n')),
    );
    fc.assert(
      fc.property(soup, (parts) => expectOnlyFileInvalid(raw(parts.join('')))),
      { numRuns: 3000 },
    );
  });
});

function expectOnlyFileInvalid(bytes: Buffer): void {
  try {
    read(bytes);
  } catch (error) {
    if (!isAffectEdgeError(error, 'FILE_INVALID')) throw error;
  }
}
