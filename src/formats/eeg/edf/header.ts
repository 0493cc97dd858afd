/** The header of EDF, EDF+, BDF and BDF+ files (Kemp 1992; Kemp and Olivan 2003; BioSemi's 24-bit variant). */
import { given } from '../../../given.ts';
import type { ReportProblem } from '../../problems.ts';
import { fileInvalid, type SourceFile } from '../../source-file.ts';

/** A physical value up to this fits a float32 in microvolts, whatever its unit. */
const MAX_PHYSICAL = 1e30;

export interface EdfSignal {
  readonly label: string;
  readonly unit: string;
  readonly physicalMin: number;
  readonly physicalMax: number;
  readonly digitalMin: number;
  readonly digitalMax: number;
  readonly samplesPerRecord: number;
  readonly rateHz: number;
  /** Offset of its samples inside a record. */
  readonly byteOffset: number;
  /** Why its samples can't be scaled, such as "its digital range is 0 to 0"; absent where they can. */
  readonly problem?: string;
}

export interface EdfHeader {
  readonly format: 'EDF' | 'BDF';
  /** EDF+ and BDF+ only: C continuous, D discontinuous. */
  readonly plus: 'C' | 'D' | undefined;
  readonly bytesPerSample: 2 | 3;
  readonly headerBytes: number;
  /** -1: unknown to the writer. */
  readonly declaredRecords: number;
  readonly recordS: number;
  readonly recordBytes: number;
  readonly startUnixUs: number | null;
  readonly recordingId: string;
  readonly signals: readonly EdfSignal[];
}

/** Unix time from "dd.mm.yy" and "hh.mm.ss", taken as UTC; years 85 to 99 are 19xx. Null where it is not a date. */
function startOf(date: string, time: string): number | null {
  const [day, month, year] = date.split(/[.:/-]/).map(Number);
  const [hour, minute, second] = time.split(/[.:]/).map(Number);
  const ms = Date.UTC((year! < 85 ? 2000 : 1900) + year!, month! - 1, day!, hour!, minute!, second!);
  return Number.isNaN(ms) ? null : ms * 1000;
}

/** @param written the limits as written, for messages */
function rangeProblem(
  { physicalMin, physicalMax, digitalMin, digitalMax }: Omit<EdfSignal, 'problem'>,
  fullScale: number,
  written: readonly string[],
): string | undefined {
  const [pMin, pMax, dMin, dMax] = written;
  const isNumber = (value: number) => Math.abs(value) < MAX_PHYSICAL;
  if (!isNumber(physicalMin) || !isNumber(physicalMax) || physicalMin === physicalMax) {
    return `its physical range is ${pMin} to ${pMax}`;
  }
  const isRising = digitalMin < digitalMax && digitalMin >= -fullScale && digitalMax < fullScale;
  return isRising ? undefined : `its digital range is ${dMin} to ${dMax}`;
}

/** A signal whose limits are odd gets a `problem`. Throws FILE_INVALID naming any other field. */
export function parseEdfHeader(file: SourceFile, report: ReportProblem): EdfHeader {
  const { path, bytes } = file;
  const format = bytes[0] === 0xff ? 'BDF' : 'EDF';
  if (bytes.length < 256) {
    throw fileInvalid(path, `is cut inside its header: ${bytes.length} bytes, ${format} needs 256 and 256 per signal`);
  }
  const text = (from: number, width: number) =>
    bytes
      .toString('latin1', from, from + width)
      .replaceAll('\0', ' ')
      .trim();
  const number = (name: string, value: string, valid: (n: number) => boolean, expected: string) => {
    const n = value === '' ? Number.NaN : Number(value.replace(',', '.'));
    if (!valid(n)) throw fileInvalid(path, `header field "${name}" is "${value}", expected ${expected}`);
    return n;
  };
  const whole = (from: number) => (n: number) => Number.isInteger(n) && n >= from;

  const count = number('number of signals', text(252, 4), whole(1), 'a whole number from 1');
  const headerBytes = 256 * (count + 1);
  if (bytes.length < headerBytes) {
    throw fileInvalid(path, `is cut inside its header: ${bytes.length} bytes, ${count} signals need ${headerBytes}`);
  }
  if (Number(text(184, 8)) !== headerBytes) {
    report(
      `header field "number of bytes in header" is "${text(184, 8)}", expected ${headerBytes} for ${count} signals`,
      `takes ${headerBytes}`,
    );
  }
  const declaredRecords = number('number of data records', text(236, 8), whole(-1), 'a whole number or -1');
  const recordS = number('duration of a data record', text(244, 8), (n) => n > 0 && n < 1e7, 'seconds above 0');

  const bytesPerSample = format === 'BDF' ? 3 : 2;
  const fullScale = 2 ** (8 * bytesPerSample - 1);
  let byteOffset = 0;
  const signals = Array.from({ length: count }, (_, i): EdfSignal => {
    const at = (before: number, width: number) => text(256 + before * count + i * width, width);
    const label = at(0, 16);
    const field = (before: number) => (at(before, 8) === '' ? Number.NaN : Number(at(before, 8).replace(',', '.')));
    const samplesPerRecord = number(
      `samples per record of signal ${i + 1} (${label})`,
      at(216, 8),
      whole(0),
      'a whole number from 0',
    );
    const signal = {
      label,
      unit: at(96, 8),
      physicalMin: field(104),
      physicalMax: field(112),
      digitalMin: field(120),
      digitalMax: field(128),
      samplesPerRecord,
      rateHz: samplesPerRecord / recordS,
      byteOffset,
    };
    byteOffset += samplesPerRecord * bytesPerSample;
    return {
      ...signal,
      ...given({
        problem: rangeProblem(
          signal,
          fullScale,
          [104, 112, 120, 128].map((b) => at(b, 8)),
        ),
      }),
    };
  });
  if (byteOffset === 0) throw fileInvalid(path, 'every signal has 0 samples per record');

  const reserved = text(192, 5).toUpperCase();
  return {
    format,
    plus: reserved === `${format}+C` ? 'C' : reserved === `${format}+D` ? 'D' : undefined,
    bytesPerSample,
    headerBytes,
    declaredRecords,
    recordS,
    recordBytes: byteOffset,
    startUnixUs: startOf(text(168, 8), text(176, 8)),
    recordingId: text(88, 80),
    signals,
  };
}
