/** Lines of a text file. */
import { isUtf8 } from 'node:buffer';

interface TextLine {
  readonly text: string;
  /** Counts from 1. */
  readonly number: number;
  /** False for a last line without a line break. */
  readonly terminated: boolean;
}

/**
 * The lines without their line breaks and without a byte order mark. Bytes that are not UTF-8 are taken as Latin-1, which
 * older programs write for "µV". Yields one at a time to save memory.
 */
export function* textLines(bytes: Buffer): Generator<TextLine> {
  let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  for (let number = 1; from < bytes.length; number++) {
    const end = bytes.indexOf(10, from);
    const terminated = end !== -1;
    const to = terminated ? end : bytes.length;
    yield { text: bytes.toString(encoding, from, to > from && bytes[to - 1] === 13 ? to - 1 : to), number, terminated };
    from = to + 1;
  }
}

/** At least the number of lines that `textLines` yields. */
export function countLines(bytes: Buffer): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
