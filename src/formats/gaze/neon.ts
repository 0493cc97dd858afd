/**
 * Pupil Labs Neon: `gaze.csv` of the Timeseries Data, with gaze as angles from the scene camera's axis
 * (https://docs.pupil-labs.com/neon/data-collection/data-format/).
 */
import { delimitedText } from '../delimited-text.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { EyeRowCollector } from './row-collector.ts';

const TIME = 'timestamp [ns]';
const [AZIMUTH, ELEVATION] = ['azimuth [deg]', 'elevation [deg]'];
const CHANNELS = ['x_deg', 'y_deg'].map((label) => ({ label, unit: 'deg' }));

export function isNeon(start: string): boolean {
  const header = start.split('\n', 1)[0]!;
  return header.includes(TIME) && /gaze (x|position in reference image x) \[/.test(header);
}

/** Blinks and gaze while Neon is not worn are missing. Throws FILE_INVALID naming line and column. */
export function readNeon(file: SourceFile, options: EyeOptions): ParsedEye {
  const { names, separator, rows: lines } = delimitedText(file.bytes);
  const column = (name: string) => names.indexOf(name);
  const [time, azimuth, elevation] = [column(TIME), column(AZIMUTH), column(ELEVATION)];
  if (time === -1) throw fileInvalid(file.path, `its header has no column "${TIME}", which Neon's gaze.csv has`);
  if (azimuth === -1 || elevation === -1) {
    throw fileInvalid(
      file.path,
      `has no columns ${AZIMUTH} and ${ELEVATION}: its gaze is in pixels of a camera or an image. Export gaze.csv of the ` +
        'Timeseries Data from Pupil Cloud or Neon Player',
    );
  }
  const [worn, blink] = [column('worn'), column('blink id')];
  const rows = new EyeRowCollector(file, options, {
    channels: CHANNELS,
    times: 'stamps',
    capacity: countLines(file.bytes),
  });
  let started: bigint | undefined;
  for (const { fields, line } of lines) {
    if (!rows.isWhole(fields, names, line)) continue;
    if (!/^\d{1,20}$/.test(fields[time]!)) {
      rows.report(`line ${line} has "${fields[time]}" as ${TIME}, expected whole nanoseconds`, 'skips the row');
      continue;
    }
    // Unix time in nanoseconds is too large for a number.
    const stampNs = BigInt(fields[time]!);
    started ??= stampNs;
    const isSeen = (worn === -1 || Number(fields[worn]) !== 0) && (blink === -1 || fields[blink] === '');
    const angle = (at: number): number => {
      const value = rows.numberIn(fields[at]!, separator, names[at]!, line);
      return isSeen ? value : Number.NaN;
    };
    // Elevation grows upwards.
    rows.add(Number(stampNs - started) * 1e-9, [angle(azimuth), -angle(elevation)], line);
  }
  rows.notices.push('gaze.csv has no pupils: blinks are missing gaze');
  return { format: 'Pupil Labs Neon', deviceId: 'pupil-labs-neon', ...rows.finish(), markers: [] };
}
