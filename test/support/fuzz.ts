/** Mutation-based fuzzing of a parser, for a time that AFFECT_EDGE_FUZZ_S sets (20 s without it). */
import { isAffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';

const SECONDS = Number(process.env['AFFECT_EDGE_FUZZ_S'] ?? 20);
/** Texts that parsers may take wrongly. */
const ODD_TEXTS = [
  '-1',
  '0',
  '1e999',
  'NaN',
  '2147483648',
  '18446744073709551616',
  '\0',
  '\n',
  ',',
  ';',
  '"',
  '=',
  '[',
  '{',
  '\u00b5',
  '\ufeff',
];

interface FuzzReport {
  readonly runs: number;
  readonly refusals: number;
  readonly longestMs: number;
}

/**
 * Parses changed copies of `seeds`. Only AffectEdgeErrors may be thrown; any other error is reported with its input in
 * base64. Prints the number of runs, of refusals and the longest run.
 */
export function fuzz(name: string, seeds: readonly Buffer[], parse: (bytes: Buffer) => unknown): FuzzReport {
  const random = new Random('fuzz', name, process.env['AFFECT_EDGE_FUZZ_SEED'] ?? 1);
  const end = performance.now() + SECONDS * 1000;
  let [runs, refusals, longestMs] = [0, 0, 0];
  while (performance.now() < end) {
    const bytes = mutated(seeds, random);
    const began = performance.now();
    try {
      parse(bytes);
    } catch (error) {
      if (!isAffectEdgeError(error)) {
        throw new Error(`${name} throws ${error} for the input (base64) ${bytes.toString('base64')}`, { cause: error });
      }
      refusals++;
    }
    longestMs = Math.max(longestMs, performance.now() - began);
    runs++;
  }
  console.info(`${name}: ${runs} runs, ${refusals} refused, longest ${longestMs.toFixed(1)} ms`);
  return { runs, refusals, longestMs };
}

function mutated(seeds: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(pick(seeds, random));
  for (let changes = random.integer(1, 4); changes > 0; changes--) bytes = changed(bytes, seeds, random);
  return bytes;
}

/** One change: bytes overwritten, a bit flipped, a part removed, repeated, cut off or taken from another seed, or odd text. */
function changed(bytes: Buffer, seeds: readonly Buffer[], random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from(pick(seeds, random));
  const at = random.integer(0, bytes.length - 1);
  const to = Math.min(bytes.length, at + random.integer(1, 64));
  const around = (middle: Uint8Array) => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(to)]);
  switch (random.integer(0, 6)) {
    case 0:
      return around(Uint8Array.from({ length: to - at }, () => random.integer(0, 255)));
    case 1: {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << random.integer(0, 7);
      return flipped;
    }
    case 2:
      return around(new Uint8Array());
    case 3:
      return around(Buffer.concat([bytes.subarray(at, to), bytes.subarray(at, to)]));
    case 4:
      return bytes.subarray(0, at);
    case 5: {
      const other = pick(seeds, random);
      const from = random.integer(0, Math.max(0, other.length - 1));
      return around(other.subarray(from, from + random.integer(1, 256)));
    }
    default:
      return around(Buffer.from(pick(ODD_TEXTS, random)));
  }
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[random.integer(0, items.length - 1)]!;
}
