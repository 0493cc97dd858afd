/**
 * The chunks of an XDF 1.0 file: a length, a tag, a body. Reading a damaged file goes on after the next boundary chunk.
 * Format: https://github.com/sccn/xdf/wiki/Specifications
 */
import type { ReportProblem } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';

export const xdfTags = {
  fileHeader: 1,
  streamHeader: 2,
  samples: 3,
  clockOffset: 4,
  boundary: 5,
  streamFooter: 6,
} as const;

export interface XdfChunk {
  readonly tag: number;
  readonly body: Buffer;
  /** Offset of the chunk in the file, for messages. */
  readonly offset: number;
}

const boundary = Buffer.from('43a546dccbf5410fb30ed5467383cbe4', 'hex');

/**
 * A length of 1, 4 or 8 bytes after a byte that says how many.
 * @returns the length and the offset after it; undefined where there is none
 */
export function readLength(bytes: Buffer, at: number): { length: number; next: number } | undefined {
  const width = bytes[at];
  const next = at + 1 + (width ?? 0);
  if (next > bytes.length) return undefined;
  if (width === 1) return { length: bytes[at + 1]!, next };
  if (width === 4) return { length: bytes.readUInt32LE(at + 1), next };
  if (width === 8) return { length: Number(bytes.readBigUInt64LE(at + 1)), next };
  return undefined;
}

/** Throws FILE_INVALID for a file without XDF's magic number. */
export function readXdfChunks(file: SourceFile, report: ReportProblem): XdfChunk[] {
  const { bytes, path } = file;
  if (bytes.toString('latin1', 0, 4) !== 'XDF:') throw fileInvalid(path, 'does not begin with "XDF:"');
  const chunks: XdfChunk[] = [];
  let at = 4;
  while (at < bytes.length) {
    const size = readLength(bytes, at);
    const tag = size && size.length >= 2 && size.next + 2 <= bytes.length ? bytes.readUInt16LE(size.next) : 0;
    const end = size ? size.next + size.length : Number.POSITIVE_INFINITY;
    if (size && tag >= 1 && tag <= 6 && end <= bytes.length) {
      chunks.push({ tag, body: bytes.subarray(size.next + 2, end), offset: at });
      at = end;
      continue;
    }
    const problem =
      size && tag >= 1 && tag <= 6
        ? `is cut: the chunk at byte ${at} declares ${size.length} bytes, ${bytes.length - size.next} are left`
        : `byte ${at} does not begin a chunk (length ${size?.length ?? `of ${bytes[at]} bytes`}, tag ${tag}; expected 1 to 6)`;
    const found = bytes.indexOf(boundary, at);
    const resume = found === -1 ? bytes.length : found + boundary.length;
    report(problem, `skips ${resume - at} bytes, to ${found === -1 ? 'the end' : 'the next boundary'}`);
    at = resume;
  }
  return chunks;
}
