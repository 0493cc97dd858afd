/** Small writers of EDF, BDF and XDF for round trips. They do not check their input. */

interface EdfSignalSpec {
  readonly label: string;
  readonly unit?: string;
  readonly physical?: readonly [number, number];
  readonly digital?: readonly [number, number];
  /** Digital values, [records][samples]. */
  readonly records: readonly (readonly number[])[];
}

export interface EdfSpec {
  readonly bdf?: boolean;
  readonly plus?: 'C' | 'D';
  readonly recordS?: number;
  readonly declaredRecords?: number;
  readonly signals: readonly EdfSignalSpec[];
  /** One text of annotation lists per record, without the final NULs. */
  readonly annotations?: readonly string[];
  readonly recordingId?: string;
}

export function writeEdf(spec: EdfSpec): Buffer {
  const { bdf = false, plus, recordS = 1, signals, annotations } = spec;
  const width = bdf ? 3 : 2;
  const fullScale = 2 ** (8 * width - 1);
  const annotationSamples = Math.ceil(
    (Math.max(0, ...(annotations ?? []).map((a) => Buffer.byteLength(a))) + 1) / width,
  );
  const all = [
    ...signals.map((s) => ({
      label: s.label,
      unit: s.unit ?? 'uV',
      physical: s.physical ?? [-fullScale, fullScale - 1],
      digital: s.digital ?? [-fullScale, fullScale - 1],
      samples: s.records[0]!.length,
    })),
    ...(annotations
      ? [
          {
            label: `${bdf ? 'BDF' : 'EDF'} Annotations`,
            unit: '',
            physical: [-1, 1],
            digital: [-fullScale, fullScale - 1],
            samples: annotationSamples,
          },
        ]
      : []),
  ];
  const records = signals[0]!.records.length;
  const pad = (value: string | number, length: number) => String(value).slice(0, length).padEnd(length);
  const header = [
    pad(bdf ? '\xffBIOSEMI' : '0', 8),
    pad('X X X X', 80),
    pad(spec.recordingId ?? 'Startdate 02-MAR-2024 X X X', 80),
    pad('02.03.24', 8),
    pad('10.20.30', 8),
    pad(256 * (all.length + 1), 8),
    pad(plus ? `${bdf ? 'BDF' : 'EDF'}+${plus}` : '', 44),
    pad(spec.declaredRecords ?? records, 8),
    pad(recordS, 8),
    pad(all.length, 4),
    ...all.map((s) => pad(s.label, 16)),
    ...all.map(() => pad('', 80)),
    ...all.map((s) => pad(s.unit, 8)),
    ...all.map((s) => pad(s.physical[0]!, 8)),
    ...all.map((s) => pad(s.physical[1]!, 8)),
    ...all.map((s) => pad(s.digital[0]!, 8)),
    ...all.map((s) => pad(s.digital[1]!, 8)),
    ...all.map(() => pad('', 80)),
    ...all.map((s) => pad(s.samples, 8)),
    ...all.map(() => pad('', 32)),
  ].join('');
  const body: Buffer[] = [];
  for (let r = 0; r < records; r++) {
    for (const signal of signals) {
      const bytes = Buffer.alloc(signal.records[r]!.length * width);
      signal.records[r]!.forEach((value, i) => {
        bytes.writeIntLE(value, i * width, width);
      });
      body.push(bytes);
    }
    if (annotations) {
      const bytes = Buffer.alloc(annotationSamples * width);
      bytes.write(annotations[r]!, 'utf8');
      body.push(bytes);
    }
  }
  return Buffer.concat([Buffer.from(header, 'latin1'), ...body]);
}

export interface XdfStreamSpec {
  readonly id: number;
  readonly name: string;
  readonly type?: string;
  readonly format: string;
  readonly channels: number;
  readonly rateHz?: number;
  readonly desc?: string;
}

const boundaryId = Buffer.from('43a546dccbf5410fb30ed5467383cbe4', 'hex');

export function xdfChunk(tag: number, body: Buffer): Buffer {
  const length = body.length + 2;
  const head = length < 256 ? Buffer.from([1, length, tag, 0]) : Buffer.from([4, 0, 0, 0, 0, tag, 0]);
  if (length >= 256) head.writeUInt32LE(length, 1);
  return Buffer.concat([head, body]);
}

const idBytes = (id: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(id);
  return bytes;
};

export const xdf = {
  file: (...chunks: Buffer[]) => Buffer.concat([Buffer.from('XDF:'), xdf.fileHeader(), ...chunks]),
  fileHeader: () => xdfChunk(1, Buffer.from('<?xml version="1.0"?><info><version>1.0</version></info>')),
  boundary: () => xdfChunk(5, boundaryId),
  header: (s: XdfStreamSpec) =>
    xdfChunk(
      2,
      Buffer.concat([
        idBytes(s.id),
        Buffer.from(
          `<?xml version="1.0"?><info><name>${s.name}</name><type>${s.type ?? 'EEG'}</type>` +
            `<channel_count>${s.channels}</channel_count><nominal_srate>${s.rateHz ?? 0}</nominal_srate>` +
            `<channel_format>${s.format}</channel_format><desc>${s.desc ?? ''}</desc></info>`,
        ),
      ]),
    ),
  offset: (id: number, timeS: number, offsetS: number) => {
    const body = Buffer.alloc(20);
    body.writeUInt32LE(id);
    body.writeDoubleLE(timeS, 4);
    body.writeDoubleLE(offsetS, 12);
    return xdfChunk(4, body);
  },
  footer: (id: number, samples: number) =>
    xdfChunk(6, Buffer.concat([idBytes(id), Buffer.from(`<info><sample_count>${samples}</sample_count></info>`)])),
  /** Rows of values or strings with one stamp each; an undefined stamp is not written. */
  samples: (
    s: XdfStreamSpec,
    rows: readonly (readonly (number | bigint | string)[])[],
    stampsS: readonly (number | undefined)[],
  ) => {
    const parts: Buffer[] = [idBytes(s.id), Buffer.from([4, 0, 0, 0, 0])];
    parts[1]!.writeUInt32LE(rows.length, 1);
    rows.forEach((row, r) => {
      const stamp = Buffer.alloc(stampsS[r] === undefined ? 1 : 9);
      if (stampsS[r] !== undefined) {
        stamp[0] = 8;
        stamp.writeDoubleLE(stampsS[r]!, 1);
      }
      parts.push(stamp, ...row.map((value) => xdfValue(s.format, value)));
    });
    return xdfChunk(3, Buffer.concat(parts));
  },
};

function xdfValue(format: string, value: number | bigint | string): Buffer {
  const bytes = Buffer.alloc(8);
  switch (format) {
    case 'string': {
      const text = Buffer.from(String(value));
      return Buffer.concat([Buffer.from([1, text.length]), text]);
    }
    case 'int8':
      bytes.writeInt8(Number(value));
      return bytes.subarray(0, 1);
    case 'int16':
      bytes.writeInt16LE(Number(value));
      return bytes.subarray(0, 2);
    case 'int32':
      bytes.writeInt32LE(Number(value));
      return bytes.subarray(0, 4);
    case 'int64':
      bytes.writeBigInt64LE(BigInt(value));
      return bytes;
    case 'float32':
      bytes.writeFloatLE(Number(value));
      return bytes.subarray(0, 4);
    default:
      bytes.writeDoubleLE(Number(value));
      return bytes;
  }
}
