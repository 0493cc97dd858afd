/** A NumPy array in a pickle: its checked state, and its entries as numbers. */

/** In C order; `numbersOf` reads it. */
export class PickledArray {
  shape: readonly number[] = [];
  /** NumPy's code: byte order, kind, size in bytes. Empty until the pickle sets the state. */
  dtype = '';
  bytes: Buffer = Buffer.alloc(0);
}

/** numpy.dtype(code), with the byte order of its state. */
export class NumpyType {
  readonly code: string;
  order = '|';
  constructor(code: string) {
    this.code = code;
  }
}

/** Makes the error that refuses the pickle. */
export type Refuse = (problem: string) => Error;

/** NumPy's limit. */
const MOST_DIMENSIONS = 64;

const readers: Readonly<Record<string, (bytes: Buffer, at: number) => number>> = {
  '<f8': (bytes, at) => bytes.readDoubleLE(at),
  '<f4': (bytes, at) => bytes.readFloatLE(at),
  '<i8': (bytes, at) => Number(bytes.readBigInt64LE(at)),
  '<i4': (bytes, at) => bytes.readInt32LE(at),
  '<i2': (bytes, at) => bytes.readInt16LE(at),
  '|i1': (bytes, at) => bytes.readInt8(at),
  '|u1': (bytes, at) => bytes.readUInt8(at),
};

/** The array's entries [from, to) as float64: [to - from]. */
export function numbersOf({ dtype, bytes }: PickledArray, from: number, to: number): Float64Array {
  const size = sizeOf(dtype);
  // Files of 100 MB have this type, so its bytes are copied at once.
  if (dtype === '<f8') return new Float64Array(new Uint8Array(bytes.subarray(from * size, to * size)).buffer);
  const read = readers[dtype]!;
  return Float64Array.from({ length: to - from }, (_, i) => read(bytes, (from + i) * size));
}

/** `state` is that of ndarray.__reduce__: (1, shape, type, in Fortran order, bytes). */
export function fillArray(array: PickledArray, state: readonly unknown[], invalid: Refuse): void {
  const [, shape, type, fortran, bytes] = state;
  const dimension = (size: unknown) => typeof size === 'number' && Number.isInteger(size) && size >= 0;
  if (!Array.isArray(shape) || shape.length > MOST_DIMENSIONS || !shape.every(dimension))
    throw invalid('without a shape');
  if (!(type instanceof NumpyType)) throw invalid('without a type');
  const dtype = `${type.order}${type.code}`;
  if (!Object.hasOwn(readers, dtype)) {
    throw invalid(`of NumPy type ${JSON.stringify(dtype.slice(0, 20))}, expected ${Object.keys(readers).join(', ')}`);
  }
  if (fortran !== false && fortran !== 0) throw invalid('in Fortran order: save np.ascontiguousarray of it');
  const needed = (shape as number[]).reduce((product, size) => product * size, sizeOf(dtype));
  const there = Buffer.isBuffer(bytes) ? bytes.length : null;
  if (there !== needed)
    throw invalid(`of shape (${shape.join(', ')}), which needs ${needed} bytes, with ${there ?? 'none'}`);
  // The shape is copied because the pickle's program may still append to its list.
  Object.assign(array, { shape: [...shape], dtype, bytes });
}

function sizeOf(dtype: string): number {
  return Number(dtype.slice(2));
}
