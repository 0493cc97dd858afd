import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../src/errors.ts';
import type { EegOptions, ParsedEeg } from '../../src/formats/eeg/parsed.ts';
import { parseEeg } from '../../src/formats/eeg/recording.ts';
import { parseXml } from '../../src/formats/xdf/xml.ts';
import { type EdfSpec, writeEdf, xdf } from '../support/recording-writers.ts';

const row = [1, 2, 3, 4];
const spec: EdfSpec = {
  plus: 'D',
  signals: [{ label: 'Fp1', records: [row, row] }],
  annotations: ['+0', '+1'].map(list),
};

function list(text: string): string {
  return `${text}\x14\x14\0`;
}

/** An EDF file with `text` written into `width` bytes of its header at `at`. */
function edfWith(at: number, width: number, text: string): Buffer {
  const bytes = writeEdf({ signals: spec.signals });
  bytes.write(text.padEnd(width).slice(0, width), at, 'latin1');
  return bytes;
}

/** Offsets of the fields of the only signal. */
const FIELD = { physicalMin: 256 + 104, physicalMax: 256 + 112, samplesPerRecord: 256 + 216 };

const stream = { id: 1, name: 'a', format: 'float32', channels: 1, rateHz: 100 };
const stamped = (stampsS: readonly number[]) =>
  xdf.file(
    xdf.header(stream),
    xdf.samples(
      stream,
      stampsS.map(() => [1]),
      stampsS,
    ),
  );
const steps = Array.from({ length: 50 }, (_, i) => i / 100);
const csv = (header: string) => Buffer.from(`${header}\n${steps.map((s) => `${s},1`).join('\n')}\n`);

const refused: Record<string, readonly [path: string, bytes: Buffer, message: RegExp, options?: EegOptions]> = {
  'EDF of 2^31 records': ['a.edf', edfWith(236, 8, '2147483648'), /number of data records/],
  'EDF of 1e99 signals': ['a.edf', edfWith(252, 4, '1e99'), /cut inside its header/],
  'EDF with negative samples': ['a.edf', edfWith(FIELD.samplesPerRecord, 8, '-5'), /samples per record of signal 1/],
  'EDF with 1e99 samples a record': ['a.edf', edfWith(FIELD.samplesPerRecord, 8, '1e99'), /number of data records/],
  'EDF with records of 0 s': ['a.edf', edfWith(244, 8, '0'), /duration of a data record/],
  'EDF with records of 1 ns': ['a.edf', edfWith(244, 8, '1e-9'), /sampling rate 39{3}\d+.* Hz, expected 1 to 1000000/],
  'EDF scaled by NaN': ['a.edf', edfWith(FIELD.physicalMin, 8, 'NaN'), /its physical range is NaN to /],
  'EDF scaled beyond float32': ['a.edf', edfWith(FIELD.physicalMax, 8, '1e308'), /its physical range is .* to 1e308/],
  'EDF with physical minimum = maximum': ['a.edf', edfWith(FIELD.physicalMax, 8, '-32768'), /has no EEG signal/],
  'EDF with an annotation of 400 digits': [
    'a.edf',
    writeEdf({ ...spec, annotations: [list('+0') + list(`-${'9'.repeat(400)}`), list('+1')] }),
    /record 1 has the malformed annotation/,
  ],
  'XDF whose stamps jump': [
    'a.xdf',
    stamped([...steps, ...steps.map((s) => s + 1e15)]),
    /time stamps are damaged: they jump by .* before row 51$/,
  ],
  'XDF with a rate near 0': [
    'a.xdf',
    xdf.file(xdf.header({ ...stream, rateHz: 1e-300 }), xdf.samples(stream, [[1]], [0])),
    /sampling rate 1e-300/,
  ],
  'XDF of the format "constructor"': [
    'a.xdf',
    xdf.file(xdf.header({ ...stream, format: 'constructor' }), xdf.samples(stream, [[1]], [0])),
    /header of stream 1 .* unknown format/,
  ],
  'CSV with a negative rate': ['a.csv', csv('time,Cz'), /sampling rate -1 Hz/, { rateHz: -1 }],
  'CSV with a rate that is not a number': ['a.csv', csv('time,Cz'), /sampling rate NaN Hz/, { rateHz: Number.NaN }],
  'CSV with a name of 100,000 brackets': [
    'a.csv',
    csv(`time,${'('.repeat(1e5)}`),
    /has a column name of 100000 characters/,
  ],
  'OpenBCI text of 65,535 channels': [
    'a.txt',
    Buffer.from('%OpenBCI Raw EEG Data\n%Number of channels = 65535\n1, 2, 3, 4, 5, 6\n'),
    /line 3 has 6 columns/,
  ],
};

describe('a recording with hostile sizes', () => {
  it.each(Object.entries(refused))('is refused: %s', (_, [path, bytes, message, options]) => {
    expect(() => parseEeg({ path, bytes }, options ?? {})).toThrow(message);
    try {
      parseEeg({ path, bytes }, { ...options, salvage: true });
    } catch (error) {
      if (!isAffectEdgeError(error)) throw error;
    }
  });

  const bytesOf = ({ data }: ParsedEeg): number =>
    [...new Set(data.map((channel) => channel.buffer))].reduce((sum, buffer) => sum + buffer.byteLength, 0);

  it('allocates no memory for lines that are too short for its columns', () => {
    const columns = Array.from({ length: 500 }, (_, c) => `x${c}`);
    const bytes = Buffer.from(
      `time,${columns}\n0,${columns.map(() => 1)}${'\n'.repeat(20_000)}1,${columns.map(() => 2)}`,
    );
    const parsed = parseEeg({ path: 'a.csv', bytes }, { rateHz: 100, montage: columns });
    expect(parsed.data.map((channel) => [...channel])).toEqual(columns.map(() => [1, 2]));
    expect(bytesOf(parsed)).toBeLessThan(8 * bytes.length);
  });

  it('may have more annotations in a record than a call can have arguments', () => {
    const many = list('+0') + '+0\x14x\x14\0'.repeat(200_000);
    const { markers } = parseEeg({ path: 'a.edf', bytes: writeEdf({ ...spec, annotations: [many, list('+1')] }) }, {});
    expect(markers).toHaveLength(200_000);
  });

  it('decodes only the entities of XML', () => {
    expect(parseXml('<a>&constructor;&lt;</a>')?.text).toBe('&constructor;<');
  });
});
