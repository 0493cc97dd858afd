/** NumPy's .npy files, versions 1 to 3, in C order; arrays of objects are refused. Format: numpy.lib.format. */
import { fileInvalid } from '../source-file.ts';

const types = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<u4': Uint32Array,
  '<u8': BigUint64Array,
} as const;
export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface NpyArray {
  readonly shape: readonly number[];
  /** In C order (row by row). */
  readonly data: NpyData;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

/** `path` is for messages. Throws FILE_INVALID. */
export function readNpy(bytes: Uint8Array, path: string): NpyArray {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 10 || !buffer.subarray(0, 6).equals(magic)) throw fileInvalid(path, 'is not a .npy file');
  const wide = buffer[6]! >= 2;
  if (buffer[6]! < 1 || buffer[6]! > 3 || (wide && buffer.length < 12)) {
    throw fileInvalid(path, `.npy version is ${buffer[6]}, expected 1 to 3`);
  }
  const start = wide ? 12 : 10;
  const end = start + (wide ? buffer.readUInt32LE(8) : buffer.readUInt16LE(8));
  const header = buffer.toString('latin1', start, Math.min(end, buffer.length));
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined || end > buffer.length) {
    throw fileInvalid(path, '.npy header is damaged or cut');
  }
  if (!Object.hasOwn(types, descr)) {
    throw fileInvalid(
      path,
      `.npy type is "${descr}", expected one of ${Object.keys(types).join(', ')}: save it with .astype('<f4') or .astype('<i4')`,
    );
  }
  if (!/'fortran_order': *False/.test(header))
    throw fileInvalid(path, '.npy is in Fortran order, expected C order (save np.ascontiguousarray of it)');
  const shape = shapeText.split(',').flatMap((n) => (n.trim() === '' ? [] : [Number(n)]));
  const type = types[descr as keyof typeof types];
  const length = shape.reduce((product, n) => product * n, 1);
  if (buffer.length - end !== length * type.BYTES_PER_ELEMENT) {
    throw fileInvalid(
      path,
      `.npy of shape (${shape.join(', ')}) needs ${length * type.BYTES_PER_ELEMENT} bytes, the file has ${buffer.length - end}`,
    );
  }
  const copy = new Uint8Array(buffer.subarray(end)).buffer;
  return { shape, data: new type(copy) };
}

/** Version 1, with the data aligned to 64 bytes. The product of `shape` must be the length of `data`. */
export function writeNpy({ shape, data }: NpyArray): Uint8Array {
  const descr = Object.entries(types).find(([, type]) => data instanceof type)![0];
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const headerBytes = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const out = Buffer.alloc(headerBytes + data.byteLength, ' ');
  magic.copy(out);
  out.writeUInt16LE(1, 6);
  out.writeUInt16LE(headerBytes - 10, 8);
  out.write(`${dictionary}`, 10, 'latin1');
  out[headerBytes - 1] = 10;
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), headerBytes);
  return out;
}
