/** EDF+ time-stamped annotation lists (Kemp and Olivan 2003, section 2.2). */
import type { EdfHeader } from './header.ts';

export interface Annotation {
  readonly onsetS: number;
  readonly text: string;
}

interface RecordAnnotations {
  /** Start of the record according to its timekeeping list. */
  readonly onsetS: number | undefined;
  readonly annotations: readonly Annotation[];
  /** The first list that is malformed. */
  readonly malformed: string | undefined;
}

/** By their label: files that do not declare EDF+ have them too. */
export function annotationSignals(header: EdfHeader) {
  return header.signals.filter(({ label }) => /^[EB]DF Annotations$/i.test(label));
}

/** The lists of the record that begins at byte `offset`. The first list of the first annotation signal is timekeeping. */
export function readRecordAnnotations(bytes: Buffer, header: EdfHeader, offset: number): RecordAnnotations {
  const annotations: Annotation[] = [];
  let recordOnsetS: number | undefined;
  let malformed: string | undefined;
  annotationSignals(header).forEach((signal, s) => {
    const from = offset + signal.byteOffset;
    const lists = bytes.toString('utf8', from, from + signal.samplesPerRecord * header.bytesPerSample).split('\0');
    lists.forEach((list, l) => {
      if (list === '') return;
      const [time, ...texts] = list.split('\x14');
      const onset = time!.split('\x15')[0]!;
      if (!/^[+-]\d{1,12}(\.\d*)?$/.test(onset) || texts.at(-1) !== '') {
        malformed ??= list;
        return;
      }
      if (s === 0 && l === 0) recordOnsetS = Number(onset);
      for (const text of texts) if (text !== '') annotations.push({ onsetS: Number(onset), text });
    });
  });
  return { onsetS: recordOnsetS, annotations, malformed };
}
