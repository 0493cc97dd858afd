/**
 * EmotivPRO's CSV (versions 2 and 3 of the program): a line of properties, a line of names, EEG in microvolts as EEG.AF3 …;
 * emotiv.gitbook.io/emotivpro-v3, "CSV files".
 */
import { delimitedText, properties } from '../delimited-text.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { readCsv } from './csv.ts';
import type { EegOptions, ParsedEeg } from './parsed.ts';

export function isEmotiv(start: string): boolean {
  return properties.test(start.split('\n', 1)[0]!);
}

/** Throws as `readCsv` does. */
export function readEmotiv(file: SourceFile, options: EegOptions): ParsedEeg {
  const { preamble, names, rows, headerLine } = delimitedText(file.bytes);
  if (!names.some((name) => /^EEG[. ]/i.test(name))) {
    throw fileInvalid(
      file.path,
      `line ${headerLine} names no column EEG.AF3, EEG.T7 …: export the recording with its raw EEG from EmotivPRO 2 or 3`,
    );
  }
  const parsed = readCsv(file, options, {
    format: 'EmotivPRO CSV',
    deviceId: 'emotiv',
    declaredHz: statedRate(preamble.join(',')),
  });
  const filledAt = names.indexOf('EEG.Interpolated');
  let filled = 0;
  for (const { fields } of rows) if (Number(fields[filledAt]) > 0) filled++;
  if (filled === 0) return parsed;
  return {
    ...parsed,
    notices: [...parsed.notices, `EmotivPRO interpolated ${filled} samples that it did not receive`],
  };
}

/** "sampling rate:128", or one for each stream: "sampling rate:eeg_128;mot_32". */
function statedRate(properties: string): number | undefined {
  const stated = /\bsampling(?: rate)?\s*:\s*(?:eeg_)?(\d+(?:\.\d+)?)/i.exec(properties)?.[1];
  return Number(stated) > 0 ? Number(stated) : undefined;
}
