/** What every reader of EEG or EOG takes and returns. */
import type { ParsedFile } from '../parsed.ts';

export interface EegOptions {
  /** 10-20 labels in the file's channel order, for files without labels or with the amplifier's own (A1, A2 …). */
  readonly montage?: readonly string[];
  /** Replaces the rate that the file's time stamps show (CSV, OpenBCI text, XDF); other formats state an exact one. */
  readonly rateHz?: number;
  /** Read on after a problem in the file, and add a notice of what was skipped. */
  readonly salvage?: boolean;
  /** Name of the stream to read from a file with several (XDF). */
  readonly stream?: string;
  /** Unit of channels whose file states none: uV (default), nV, mV, V, or a number of microvolts per count. */
  readonly unit?: string;
}

/** `data` is in microvolts. */
export interface ParsedEeg extends ParsedFile {
  readonly startUnixUs: number | null;
  readonly simulated: boolean;
  /** Samples at or beyond +-`railUv` are clipped; absent where unknown. */
  readonly railUv?: number;
}
