/** The signal after the resampler: runs on a grid whose sample 0 is the stream's sample 0. */

export interface GridRun {
  /** Index of the first sample on the grid. */
  readonly first: number;
  /** Samples per channel. */
  readonly length: number;
  /**
   * Signals of the same shape: [0] resampled; the filter stage adds [1] filtered and, for band signals, [2...] one per band.
   * Sample i of channel c in layer l is `layers[l][c * stride + i]`; valid until the stage that made it is called again.
   */
  readonly layers: readonly Float64Array[];
  readonly stride: number;
  /** The device sample that started the segment. Runs of one segment are contiguous; another number means a gap. */
  readonly segment: number;
  /** The device sample whose arrival ended the segment, where this run is the rest of it; else Infinity. */
  readonly closedBy: number;
}

/** Copies `count` samples of every channel, in a loop because live blocks have too few samples per channel for `set`. */
export function copyColumns(
  from: Float64Array,
  fromStride: number,
  fromAt: number,
  to: Float64Array,
  toStride: number,
  toAt: number,
  count: number,
  channels: number,
): void {
  for (let c = 0; c < channels; c++) {
    const source = c * fromStride + fromAt;
    const target = c * toStride + toAt;
    for (let i = 0; i < count; i++) to[target + i] = from[source + i]!;
  }
}
