/** Text as all readers take it: UTF-8 without a byte order mark. */
import { StringDecoder } from 'node:string_decoder';

/** Bytes that are looked at for UTF-16 without a mark. */
const LOOKED_AT = 512;
/** Even; a whole file may be longer than a string can be. */
const CHUNK_BYTES = 2 ** 24;

const UTF8_MARK = Buffer.from('\ufeff');

/** From UTF-16 with or without a mark, or UTF-8 with one. Other bytes are returned as they are. */
export function toUtf8(bytes: Buffer): Buffer {
  if (bytes.subarray(0, UTF8_MARK.length).equals(UTF8_MARK)) return bytes.subarray(UTF8_MARK.length);
  const order = utf16Order(bytes);
  if (order === undefined) return bytes;
  const decoder = new StringDecoder('utf16le');
  const parts: Buffer[] = [];
  for (let from = 0; from + 1 < bytes.length; from += CHUNK_BYTES) {
    const chunk = bytes.subarray(from, Math.min(bytes.length & ~1, from + CHUNK_BYTES));
    parts.push(Buffer.from(decoder.write(order === 'little' ? chunk : Buffer.from(chunk).swap16())));
  }
  return toUtf8(Buffer.concat(parts));
}

function utf16Order(bytes: Buffer): 'little' | 'big' | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'little';
  if (first === 0xfe && second === 0xff) return 'big';
  const start = bytes.subarray(0, LOOKED_AT);
  if (start.length < 4) return undefined;
  // A header has characters below 256 only, so every other byte is 0 and no other is.
  const isText = (low: number) => start.every((byte, i) => (i % 2 === low ? isPrinted(byte) : byte === 0));
  return isText(0) ? 'little' : isText(1) ? 'big' : undefined;
}

function isPrinted(byte: number): boolean {
  return byte >= 32 || byte === 9 || byte === 10 || byte === 13;
}
