/** What every reader of this folder takes and gives. */
import { AffectEdgeError } from '../errors.ts';
import type { Channel, Marker } from '../samples.ts';

export interface RecordingOptions {
  /** 10-20 labels in the file's channel order, for files without labels or with an amplifier's own (A1, A2 …). */
  readonly montage?: readonly string[];
  /** Sampling rate of CSV; every other format states its own. */
  readonly rateHz?: number;
  /** Read on where a file disagrees with itself, and note what was skipped. */
  readonly salvage?: boolean;
  /** Name of the stream to read from a file with several (XDF). */
  readonly stream?: string;
  /** Unit of the EEG columns of a file that does not say it (CSV): uV (default), nV, mV or V. */
  readonly unit?: string;
}

export interface SourceFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** `lost` samples are missing in front of row `row`. */
export interface Gap {
  readonly row: number;
  readonly lost: number;
}

/** A file's EEG as rows that are there, with the gaps between them. */
export interface ParsedRecording {
  readonly format: 'EDF' | 'BDF' | 'XDF' | 'OpenBCI text' | 'CSV';
  readonly deviceId: string;
  readonly channels: readonly Channel[];
  readonly sampleRateHz: number;
  /** One array a channel, in uV, all of one length: the rows of the file. */
  readonly data: readonly Float32Array[];
  /** In the order of their rows. */
  readonly gaps: readonly Gap[];
  /** In the order of their samples, on the index that counts lost samples. */
  readonly markers: readonly Marker[];
  readonly startUnixUs: number | null;
  readonly notices: readonly string[];
  readonly simulated: boolean;
  readonly railUv?: number;
}

export function fileInvalid(path: string, problem: string): AffectEdgeError {
  return new AffectEdgeError('FILE_INVALID', `${path}: ${problem}`);
}

/** Called where a file disagrees with itself; `remedy` says what salvage does about it ("reads the 3 whole records"). */
export type Doubt = (problem: string, remedy: string) => void;

/** Notices of one file that are told singly; a file damaged throughout would fill the screen. */
const maxNotices = 20;

/** Refuses the file at the first doubt, or with `salvage` notes it and lets the reader go on. */
export function doubter(path: string, salvage: boolean | undefined, notices: string[]): Doubt {
  let doubts = 0;
  let summaryAt = 0;
  return (problem, remedy) => {
    if (!salvage) throw fileInvalid(path, `${problem}. --salvage ${remedy}.`);
    doubts++;
    if (doubts <= maxNotices) notices.push(`${problem}: salvage ${remedy}`);
    else if (doubts === maxNotices + 1) summaryAt = notices.push('') - 1;
    if (doubts > maxNotices) notices[summaryAt] = `salvage met ${doubts - maxNotices} more such places`;
  };
}

/** Where row `row` lies on the sample index, which counts lost samples; `row` may be fractional. */
export function sampleOfRow(row: number, gaps: readonly Gap[]): number {
  let lost = 0;
  for (const gap of gaps) {
    if (gap.row > row) break;
    lost += gap.lost;
  }
  return row + lost;
}

export const bySample = (a: Marker, b: Marker): number => a.sample - b.sample;
