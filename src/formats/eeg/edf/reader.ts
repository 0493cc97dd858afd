/** EDF, EDF+, BDF and BDF+ recordings: EEG signals of one rate in microvolts; annotations and triggers become markers. */
import type { Marker } from '../../../samples.ts';
import { bySample, type Gap, sampleOfRow } from '../../parsed.ts';
import { problemReporter, type ReportProblem } from '../../problems.ts';
import { fileInvalid, type SourceFile } from '../../source-file.ts';
import { microvoltsPer } from '../../units.ts';
import { givenUnit, unitName, unitNotices } from '../amplitude.ts';
import type { EegOptions, ParsedEeg } from '../parsed.ts';
import { type Annotation, annotationSignals, readRecordAnnotations } from './annotations.ts';
import { type EdfHeader, type EdfSignal, parseEdfHeader } from './header.ts';

/** Labels that begin so are not EEG. */
const otherTypes = /^(EOG|ECG|EKG|EMG|ERG|MEG|RESP|SAO2|TEMP|LIGHT|SOUND|DIG|TRIG|STATUS|STIM|MARKER|EVENT|GSR|ACC)/i;

/** Throws FILE_INVALID where the file contradicts its header, unless `salvage`. */
export function readEdf(file: SourceFile, options: EegOptions): ParsedEeg {
  const notices: string[] = [];
  const report = problemReporter(file.path, options.salvage, notices);
  const header = parseEdfHeader(file, report);
  const records = countRecords(file, header, report, notices);
  const { chosen, rateHz } = chooseSignals(file.path, header, options, notices);
  const timeline = readTimeline(file, header, records, rateHz, report);
  const samplesPerRecord = chosen[0]!.samplesPerRecord;

  const markers: Marker[] = timeline.annotations.map(({ onsetS, text }) => ({
    label: text,
    sample: (onsetS - timeline.startS) * rateHz,
  }));
  const status = header.format === 'BDF' ? header.signals.find((s) => /^status$/i.test(s.label)) : undefined;
  if (status) {
    const rowsPerCode = samplesPerRecord / status.samplesPerRecord;
    for (const { label, row } of triggers(file.bytes, header, status, records)) {
      markers.push({ label, sample: sampleOfRow(row * rowsPerCode, timeline.gaps) });
    }
  }
  const unitless = givenUnit(options.unit);
  const data = chosen.map((signal) => decodeSignal(file.bytes, header, signal, records, unitless));
  const unstated = data.filter((_, c) => chosen[c]!.unit === '');
  notices.push(...unitNotices(options.unit, unstated));
  return {
    format: header.format,
    deviceId: header.format,
    channels: distinctLabels(chosen, notices).map((label) => ({ label, unit: 'uV' })),
    sampleRateHz: rateHz,
    data,
    gaps: timeline.gaps,
    markers: markers.sort(bySample),
    startUnixUs: header.startUnixUs === null ? null : header.startUnixUs + Math.round(timeline.startS * 1e6),
    notices,
    simulated: /\bsimulated\b/i.test(header.recordingId),
  };
}

/**
 * One signal in microvolts, or in its own unit where that is not a voltage: [records * samplesPerRecord].
 * @param unitless microvolts per unit of a signal that states none
 */
export function decodeSignal(
  bytes: Buffer,
  header: EdfHeader,
  signal: EdfSignal,
  records: number,
  unitless = 1,
): Float32Array {
  const { digitalMin, digitalMax, physicalMin, physicalMax, samplesPerRecord } = signal;
  const perUnit = microvoltsPer(signal.unit) ?? (signal.unit === '' ? unitless : 1);
  const gain = (perUnit * (physicalMax - physicalMin)) / (digitalMax - digitalMin);
  const offset = perUnit * physicalMin - gain * digitalMin;
  const out = new Float32Array(records * samplesPerRecord);
  for (let record = 0, o = 0; record < records; record++) {
    let at = header.headerBytes + record * header.recordBytes + signal.byteOffset;
    for (let i = 0; i < samplesPerRecord; i++, at += header.bytesPerSample) {
      out[o++] = digital(bytes, at, header.bytesPerSample) * gain + offset;
    }
  }
  return out;
}

function digital(bytes: Buffer, at: number, width: 2 | 3): number {
  return width === 2
    ? ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16
    : ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) << 8) >> 8;
}

/** The number of whole records in the file. Reports a size unlike the one that the header declares. */
function countRecords(file: SourceFile, header: EdfHeader, report: ReportProblem, notices: string[]): number {
  const size = file.bytes.length - header.headerBytes;
  const whole = Math.floor(size / header.recordBytes);
  const rest = size - whole * header.recordBytes;
  const declared = header.declaredRecords;
  if (declared === -1 && rest === 0) {
    notices.push(`the header does not state the number of records (-1); the file has ${whole}`);
  } else if (whole !== declared || rest !== 0) {
    const expected = declared === -1 ? `whole records of ${header.recordBytes}` : `${declared * header.recordBytes}`;
    report(
      `header field "number of data records" is ${declared}, so ${expected} bytes are expected after the header, ` +
        `and the file has ${size}`,
      `reads the ${whole} whole records and skips ${rest} bytes`,
    );
  }
  if (whole === 0) throw fileInvalid(file.path, 'has no whole data record');
  return whole;
}

/** The EEG signals of the most common rate; of two equally common rates, the higher. */
function chooseSignals(
  path: string,
  header: EdfHeader,
  { unit }: EegOptions,
  notices: string[],
): { chosen: EdfSignal[]; rateHz: number } {
  const annotations = annotationSignals(header);
  const typed = header.signals.some((s) => /^EEG\b/i.test(s.label));
  const usable = header.signals.filter(
    (s) =>
      !annotations.includes(s) &&
      s.samplesPerRecord > 0 &&
      s.problem === undefined &&
      (s.unit === '' || microvoltsPer(s.unit) !== undefined) &&
      (typed ? /^EEG\b/i.test(s.label) : !otherTypes.test(s.label)),
  );
  const byRate = new Map<number, EdfSignal[]>();
  for (const s of usable) byRate.set(s.rateHz, [...(byRate.get(s.rateHz) ?? []), s]);
  const [best] = [...byRate].sort(([rateA, a], [rateB, b]) => b.length - a.length || rateB - rateA);
  const named = (signals: readonly EdfSignal[]) =>
    signals
      .map((s) => `${s.label} (${s.problem ?? `${s.rateHz} Hz, ${s.unit === '' ? 'no unit' : s.unit}`})`)
      .join(', ');
  if (!best) throw fileInvalid(path, `has no EEG signal in a unit of voltage: ${named(header.signals)}`);
  const [rateHz, chosen] = best;
  const left = header.signals.filter((s) => !chosen.includes(s) && !annotations.includes(s));
  if (left.length > 0) notices.push(`left out, as not EEG at ${rateHz} Hz: ${named(left)}`);
  const unitless = chosen.filter((s) => s.unit === '');
  if (unitless.length > 0)
    notices.push(`no unit, taken as ${unitName(unit)}: ${unitless.map((s) => s.label).join(', ')}`);
  return { chosen, rateHz };
}

/** Labels as written; the second of two equal labels gets "#2". */
function distinctLabels(signals: readonly EdfSignal[], notices: string[]): string[] {
  const seen = new Map<string, number>();
  return signals.map(({ label }, i) => {
    const name = label === '' ? `signal ${i + 1}` : label;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    if (nth > 1) notices.push(`label "${name}" occurs again: signal ${i + 1} is "${name} #${nth}"`);
    return nth > 1 ? `${name} #${nth}` : name;
  });
}

interface Timeline {
  readonly startS: number;
  readonly gaps: readonly Gap[];
  readonly annotations: readonly Annotation[];
}

/** Start (a fraction of a second), gaps and annotations, from the annotation signals. */
function readTimeline(
  file: SourceFile,
  header: EdfHeader,
  records: number,
  rateHz: number,
  report: ReportProblem,
): Timeline {
  const annotations: Annotation[] = [];
  const gaps: Gap[] = [];
  let startS = 0;
  if (annotationSignals(header).length === 0) return { startS, gaps, annotations };
  const rowsPerRecord = Math.round(rateHz * header.recordS);
  let samples = 0;
  for (let r = 0; r < records; r++) {
    const offset = header.headerBytes + r * header.recordBytes;
    const read = readRecordAnnotations(file.bytes, header, offset);
    if (read.malformed !== undefined) {
      report(`record ${r + 1} has the malformed annotation ${JSON.stringify(read.malformed.slice(0, 40))}`, 'skips it');
    }
    for (const annotation of read.annotations) annotations.push(annotation);
    if (r === 0) startS = read.onsetS ?? 0;
    if (read.onsetS === undefined) {
      // A file that does not declare EDF+ needs no times.
      if (header.plus)
        report(`record ${r + 1} has no time in its annotations`, 'places it right after the record before');
    } else {
      const lost = Math.round((read.onsetS - startS) * rateHz) - samples;
      const problem =
        `record ${r + 1} begins at ${read.onsetS} s, expected ${startS + samples / rateHz} s` +
        (header.plus === 'C' ? ` (${header.format}+C is continuous)` : '');
      if (lost < 0 || samples + lost > 1e12) {
        report(problem, 'places it right after the record before');
      } else if (lost > 0) {
        if (header.plus === 'C') report(problem, `declares a gap of ${lost} samples`);
        gaps.push({ row: r * rowsPerRecord, lost });
        samples += lost;
      }
    }
    samples += rowsPerRecord;
  }
  const endS = startS + samples / rateHz;
  const inside = annotations.filter(({ onsetS, text }) => {
    const ok = onsetS <= endS + header.recordS;
    if (!ok)
      report(`annotation "${text}" is at ${onsetS} s, expected before the recording's end at ${endS} s`, 'skips it');
    return ok;
  });
  return { startS, gaps, annotations: inside };
}

/** Rows of the status signal where its lower 16 bits change to a value other than the resting (most common) value. */
function triggers(bytes: Buffer, header: EdfHeader, status: EdfSignal, records: number) {
  const codes = new Uint16Array(records * status.samplesPerRecord);
  const counts = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    const record = Math.floor(row / status.samplesPerRecord);
    const at = header.headerBytes + record * header.recordBytes + status.byteOffset;
    codes[row] = digital(bytes, at + (row - record * status.samplesPerRecord) * 3, 3) & 0xffff;
    counts.set(codes[row]!, (counts.get(codes[row]!) ?? 0) + 1);
  }
  const resting = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
  const found: { label: string; row: number }[] = [];
  codes.forEach((code, row) => {
    if (code !== resting && code !== codes[row - 1]) found.push({ label: String(code), row });
  });
  return found;
}
