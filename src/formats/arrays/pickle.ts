/**
 * Python pickles of plain values and NumPy arrays, protocols 1 to 4 of Python 2 and 3. A pickle is a program. This
 * reader executes nothing: it knows only the instructions that such data need, and recognises the names of NumPy's
 * arrays and types without calling them. Arrays are views of the file, so a short file cannot claim much memory.
 * Format: CPython's Lib/pickletools.py, and ndarray.__reduce__ of NumPy.
 */
import { fileInvalid } from '../source-file.ts';
import { fillArray, NumpyType, PickledArray, type Refuse } from './pickled-array.ts';

/**
 * Tuples and lists become arrays. Python 2's strings and Python 3's bytes become buffers, or text as dictionary keys.
 */
export type PickledValue =
  | null
  | boolean
  | number
  | string
  | Buffer
  | PickledArray
  | PickledValue[]
  | Map<string | number, PickledValue>;

/** The names that a pickle may use, and what they denote. */
const NAMES: Readonly<Record<string, Callable>> = {
  'numpy.core.multiarray _reconstruct': 'array',
  'numpy._core.multiarray _reconstruct': 'array',
  'numpy ndarray': 'array class',
  'numpy dtype': 'type',
  // Python 3 writes bytes as text with an encoding where the protocol has no bytes.
  '_codecs encode': 'encode',
};
type Callable = 'array' | 'array class' | 'type' | 'encode';

class Name {
  readonly callable: Callable;
  constructor(callable: Callable) {
    this.callable = callable;
  }
}
const MARK = Symbol('mark');

type Item = PickledValue | Name | NumpyType | typeof MARK | Item[] | Map<string | number, Item>;

/** Longer keys are refused, because copying them could fill the memory. */
const LONGEST_KEY = 1000;

/** `path` is for messages. Throws FILE_INVALID for anything but plain values and arrays. */
export function readPickle(file: Uint8Array, path: string): PickledValue {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const stack: Item[] = [];
  const memo = new Map<number, Item>();
  let at = 0;
  /** Characters that may still be encoded. A file that Python wrote encodes each of its texts once. */
  let encodable = bytes.length;

  const invalid = (problem: string) => fileInvalid(path, `the pickle ${problem}, at byte ${at}`);
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw invalid('ends within a value');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw invalid('ends within a name');
    const length = end - at;
    return take(length + 1).toString('latin1', 0, length);
  };
  const unsigned = (size: 1 | 2 | 4 | 8): number =>
    size === 8 ? Number(take(8).readBigUInt64LE()) : take(size).readUIntLE(0, size);
  const pop = (): Item => {
    const item = stack.pop();
    if (item === undefined || item === MARK) throw invalid('takes a value from an empty stack');
    return item;
  };
  const popToMark = (): Item[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw invalid('has no mark where it needs one');
    const items = stack.splice(mark);
    items.shift();
    return items;
  };
  const popMany = (count: number): Item[] => Array.from({ length: count }, pop).reverse();
  const top = (): Item => {
    const item = stack.at(-1);
    if (item === undefined || item === MARK) throw invalid('has no value where it needs one');
    return item;
  };
  const remembered = (key: number): Item => {
    const item = memo.get(key);
    if (item === undefined) throw invalid(`reads memo entry ${key}, which was never stored`);
    return item;
  };
  const text = (item: Item | undefined): string => {
    if (typeof item === 'string') return item;
    if (Buffer.isBuffer(item) && item.length <= LONGEST_KEY) return item.toString('latin1');
    throw invalid('has no short text where it needs one');
  };
  const name = (module: string, symbol: string): Name => {
    const full = `${module} ${symbol}`;
    if (Object.hasOwn(NAMES, full)) return new Name(NAMES[full]!);
    throw invalid(`names ${JSON.stringify(full.slice(0, 80))}, which is not part of an array and is not looked up`);
  };
  const append = (items: readonly Item[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw invalid('appends to something other than a list');
    for (const item of items) list.push(item as PickledValue);
  };
  const assign = (items: readonly Item[]): void => {
    const dictionary = top();
    if (!(dictionary instanceof Map) || items.length % 2 === 1)
      throw invalid('sets entries of something other than a dictionary');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      dictionary.set(typeof key === 'number' ? key : text(key), items[i + 1] as PickledValue);
    }
  };
  const construct = (): Item => {
    const operands = pop();
    const called = pop();
    if (!(called instanceof Name) || !Array.isArray(operands))
      throw invalid('calls something that is not part of an array');
    const [first, second] = operands as Item[];
    if (called.callable === 'array' && first instanceof Name && first.callable === 'array class')
      return new PickledArray();
    if (called.callable === 'type') return new NumpyType(text(first));
    if (called.callable === 'encode' && typeof first === 'string' && text(second) === 'latin1') {
      encodable -= first.length;
      if (encodable < 0) throw invalid('encodes more text than it contains');
      return Buffer.from(first, 'latin1');
    }
    throw invalid('calls a part of an array with unknown operands');
  };
  const build = (): void => {
    const state = pop();
    const built = top();
    if (!Array.isArray(state)) throw invalid('sets a state that is not a tuple');
    if (built instanceof NumpyType) built.order = text((state as Item[])[1]);
    else if (built instanceof PickledArray)
      fillArray(built, state as Item[], (problem) => invalid(`has an array ${problem}`));
    else throw invalid('sets the state of something other than an array');
  };

  const instructions: Readonly<Record<string, () => unknown>> = {
    '\x80': () => {
      const protocol = unsigned(1);
      if (protocol > 4) throw invalid(`has protocol ${protocol}, expected 1 to 4: write it with protocol=4`);
    },
    '\x95': () => take(8),
    '(': () => stack.push(MARK),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    K: () => stack.push(unsigned(1)),
    M: () => stack.push(unsigned(2)),
    J: () => stack.push(take(4).readInt32LE()),
    '\x8a': () => {
      const size = unsigned(1);
      if (size > 6) throw invalid(`has a whole number of ${size} bytes, expected at most 6`);
      stack.push(size === 0 ? 0 : take(size).readIntLE(0, size));
    },
    I: () => {
      const digits = line();
      if (!/^-?\d{1,15}$/.test(digits)) throw invalid('has a malformed whole number');
      // Protocol 1 writes booleans as 00 and 01.
      stack.push(/^0[01]$/.test(digits) ? digits === '01' : Number(digits));
    },
    G: () => stack.push(take(8).readDoubleBE()),
    U: () => stack.push(take(unsigned(1))),
    T: () => stack.push(take(unsigned(4))),
    C: () => stack.push(take(unsigned(1))),
    B: () => stack.push(take(unsigned(4))),
    '\x8e': () => stack.push(take(unsigned(8))),
    X: () => stack.push(take(unsigned(4)).toString()),
    '\x8c': () => stack.push(take(unsigned(1)).toString()),
    '\x8d': () => stack.push(take(unsigned(8)).toString()),
    '}': () => stack.push(new Map()),
    ']': () => stack.push([]),
    ')': () => stack.push([]),
    t: () => stack.push(popToMark()),
    l: () => stack.push(popToMark()),
    '\x85': () => stack.push(popMany(1)),
    '\x86': () => stack.push(popMany(2)),
    '\x87': () => stack.push(popMany(3)),
    a: () => append([pop()]),
    e: () => append(popToMark()),
    s: () => assign(popMany(2)),
    u: () => assign(popToMark()),
    q: () => memo.set(unsigned(1), top()),
    r: () => memo.set(unsigned(4), top()),
    '\x94': () => memo.set(memo.size, top()),
    h: () => stack.push(remembered(unsigned(1))),
    j: () => stack.push(remembered(unsigned(4))),
    c: () => stack.push(name(line(), line())),
    '\x93': () => stack.push(name(...(popMany(2).map(text) as [string, string]))),
    R: () => stack.push(construct()),
    b: build,
  };

  for (;;) {
    const opcode = take(1).toString('latin1');
    if (opcode === '.') return plain(pop(), invalid);
    const instruction = Object.hasOwn(instructions, opcode) ? instructions[opcode] : undefined;
    if (instruction === undefined) {
      throw invalid(`has the instruction 0x${opcode.charCodeAt(0).toString(16)}, which such data do not need`);
    }
    instruction();
  }
}

/** Refuses incomplete values anywhere inside `root`. Visits each container once, even if it is referenced often. */
function plain(root: Item, invalid: Refuse): PickledValue {
  const seen = new Set<Item>();
  const left: Item[] = [root];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (item instanceof Name || item instanceof NumpyType || item === MARK)
      throw invalid('returns a part of an array as data');
    if (item instanceof PickledArray && item.dtype === '') throw invalid('returns an array without content');
    if (!(Array.isArray(item) || item instanceof Map) || seen.has(item)) continue;
    seen.add(item);
    for (const content of item.values()) left.push(content as Item);
  }
  return root as PickledValue;
}
