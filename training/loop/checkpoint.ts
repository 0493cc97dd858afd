/**
 * `checkpoint.bin`, the state of an interrupted run: magic, SHA-256 of the rest, the header's length (u32, little
 * endian), the header in JSON, and the tensors that it refers to as float32.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { writeFileAtomic } from '../../src/formats/write-file.ts';

const MAGIC = Buffer.from('AFFECT-EDGE CHECKPOINT 1\n');
const DIGEST_BYTES = 32;
const AGAIN = 'start the run again in another folder';

/** What a run depends on: a checkpoint is resumed only if all of it is the same. */
export interface RunIdentity {
  readonly config: object;
  /** Fingerprint of the data. */
  readonly data: string;
  readonly backend: string;
  readonly code_version: string;
}

interface Checkpoint<State> {
  readonly identity: RunIdentity;
  /** Plain data and Float32Arrays. */
  readonly state: State;
}

/** Writes the whole file or nothing. Throws DISK_FULL, FILE_INVALID. */
export async function writeCheckpoint<State>(path: string, checkpoint: Checkpoint<State>): Promise<void> {
  const tensors: Float32Array[] = [];
  const header = JSON.stringify(checkpoint, (_, value: unknown) =>
    value instanceof Float32Array ? { tensor: tensors.push(value) - 1, length: value.length } : value,
  );
  const text = Buffer.from(header);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const blobs = tensors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const content = Buffer.concat([length, text, ...blobs]);
  await writeFileAtomic(path, Buffer.concat([MAGIC, digestOf(content), content]));
}

/**
 * Throws FILE_NOT_FOUND where there is none, FILE_INVALID where it is damaged, CONFIG_INVALID where it belongs to another
 * run: the message names what differs.
 */
export async function readCheckpoint<State>(path: string, asked: RunIdentity): Promise<State> {
  const file = await readFile(path).catch((cause: unknown) => {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new AffectEdgeError(
      'FILE_NOT_FOUND',
      `${path} ${absent ? 'is not there' : `can't be read (${messageOf(cause)})`}: no run to resume; leave out --resume to start one`,
      {
        cause,
      },
    );
  });
  const content = file.subarray(MAGIC.length + DIGEST_BYTES);
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new AffectEdgeError('FILE_INVALID', `${path} is no checkpoint of this version; ${AGAIN}`);
  }
  if (content.length < 4 || !digestOf(content).equals(file.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES))) {
    throw new AffectEdgeError('FILE_INVALID', `${path} is damaged: its digest does not fit; ${AGAIN}`);
  }
  const headerEnd = 4 + content.readUInt32LE(0);
  let at = headerEnd;
  // The digest matches, so the header is as it was written. Tensors follow in the order of their references.
  const { identity, state } = JSON.parse(content.toString('utf8', 4, headerEnd), (_, value: unknown) => {
    if (!isReference(value)) return value;
    const bytes = new Uint8Array(content.subarray(at, at + 4 * value.length));
    at += bytes.length;
    return new Float32Array(bytes.buffer);
  }) as Checkpoint<State>;
  const different = differences(identity, asked);
  if (different.length > 0) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path} belongs to another run: ${different.join('; ')}; ask for the same again, or ${AGAIN}`,
    );
  }
  return state;
}

function digestOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}

function isReference(value: unknown): value is { tensor: number; length: number } {
  return typeof value === 'object' && value !== null && 'tensor' in value && 'length' in value;
}

/** One message per differing value, such as `config.student.epochs is 40 there, 20 asked`. Compares what JSON keeps. */
function differences(there: unknown, asked: unknown, path = ''): string[] {
  const both = [there, asked];
  if (both.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value))) {
    const [a, b] = both as [Record<string, unknown>, Record<string, unknown>];
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  const [a, b] = both.map((value) => JSON.stringify(value));
  return a === b ? [] : [`${path} is ${a} there, ${b} asked`];
}
