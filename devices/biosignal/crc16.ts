/**
 * CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, not reflected, no final XOR; "123456789" gives 0x29B1.
 */

const SLICES = 8;

/** TABLES[k][b]: contribution of byte b to the CRC after k zero bytes ("slicing-by-8", Kounavis and Berry 2005). */
const TABLES: readonly Uint16Array[] = makeTables();

function makeTables(): Uint16Array[] {
  const first = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    first[byte] = crc;
  }
  const tables = [first];
  for (let k = 1; k < SLICES; k++) {
    const previous = tables[k - 1]!;
    tables.push(previous.map((crc) => (crc << 8) ^ first[crc >> 8]!));
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Uint16Array,
  Uint16Array,
  Uint16Array,
  Uint16Array,
  Uint16Array,
  Uint16Array,
  Uint16Array,
  Uint16Array,
];

/** CRC of bytes[from, to). */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff;
  let at = from;
  for (; at + SLICES <= to; at += SLICES) {
    crc =
      T7[(crc >> 8) ^ bytes[at]!]! ^
      T6[(crc & 0xff) ^ bytes[at + 1]!]! ^
      T5[bytes[at + 2]!]! ^
      T4[bytes[at + 3]!]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = ((crc << 8) & 0xffff) ^ T0[(crc >> 8) ^ bytes[at]!]!;
  return crc;
}
