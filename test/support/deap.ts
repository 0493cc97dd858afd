/** Files in the layout of DEAP's sNN.dat, as Python 2 writes them (protocol 2). */

export interface ArrayToPickle {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A dictionary of float64 arrays. */
export function pickleOf(arrays: Readonly<Record<string, ArrayToPickle>>): Buffer {
  const entries = Object.entries(arrays).flatMap(([key, { shape, values }]) => {
    const raw = Buffer.alloc(8 * values.length);
    for (let i = 0; i < values.length; i++) raw.writeDoubleLE(values[i]!, 8 * i);
    return [
      ...[string(key), global('numpy.core.multiarray', '_reconstruct'), global('numpy', 'ndarray')],
      Buffer.from('K\0\x85U\x01b\x87R(K\x01(', 'latin1'),
      ...[...shape.map(integer), Buffer.from('t')],
      ...[global('numpy', 'dtype'), string('f8'), Buffer.from('K\0K\x01\x87R(K\x03', 'latin1'), string('<')],
      ...[Buffer.from('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89T', 'latin1'), int32(raw.length), raw],
      Buffer.from('tb'),
    ];
  });
  return Buffer.concat([Buffer.from('\x80\x02}(', 'latin1'), ...entries, Buffer.from('u.')]);
}

function string(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x55, text.length]), Buffer.from(text)]);
}

function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`);
}

function integer(value: number): Buffer {
  return Buffer.concat([Buffer.from('J'), int32(value)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
