/**
 * Cuts windows on the stream's hop grid. Window k covers the grid samples [k * hop, k * hop + size) whatever was lost before
 * it, so that live, replay and training cut alike.
 *
 * A window with at least one received sample is made; its coverage is below 1 where a gap or the settling after a segment's
 * start touches it. Windows wholly inside a gap are skipped without a loop. Inside a gap the layers hold the last value before
 * it; before a segment's start, where no earlier samples are kept, they hold its first value.
 */

import type { Stage } from '../../stage.ts';
import { copyColumns, type GridRun } from './grid.ts';
import { Intervals } from './intervals.ts';

/** Buffer space beyond one window, so that samples are rarely moved to its start. */
const SLACK_WINDOWS = 2;

/** A view into the stage's buffer, valid during the call that receives it. */
export interface Window {
  readonly index: number;
  /** First grid sample. */
  readonly first: number;
  /** Sample i of channel c in layer l: `layers[l][c * stride + offset + i]`. */
  readonly layers: readonly Float64Array[];
  readonly offset: number;
  readonly stride: number;
  readonly coverage: number;
  readonly warmup: boolean;
  /** The grid sample that completed the window: its last one, or the first after the gap in which it ends. */
  readonly completedBy: number;
  /** `closedBy` of the run with that sample. */
  readonly closedBy: number;
  /** The device sample that started that run's segment. */
  readonly segment: number;
}

export interface WindowShape {
  readonly channels: number;
  readonly layers: number;
  /** In grid samples. */
  readonly size: number;
  readonly hop: number;
  /** How long the filters settle after a start, in grid samples. */
  readonly settling: number;
}

export class WindowStage<Out> implements Stage<GridRun, Out> {
  readonly #shape: WindowShape;
  readonly #make: (window: Window) => Out;
  readonly #capacity: number;
  readonly #settling: number;
  readonly #layers: readonly Float64Array[];
  readonly #gaps = new Intervals();
  readonly #uncovered = new Intervals();
  #segment = -1;
  /** Grid samples [base, end) are in the buffer. */
  #base = 0;
  #end = 0;
  #index = 0;
  /** The settling after the stream's own start: [from, to). */
  #startFrom = 0;
  #startTo = 0;

  /** @param make called once per window, in order, with a view that must not be kept */
  constructor(shape: WindowShape, make: (window: Window) => Out) {
    this.#shape = shape;
    this.#make = make;
    this.#capacity = shape.size * (1 + SLACK_WINDOWS);
    this.#settling = shape.settling;
    this.#layers = Array.from({ length: shape.layers }, () => new Float64Array(shape.channels * this.#capacity));
  }

  push(run: GridRun): Out[] {
    const out: Out[] = [];
    if (run.length === 0) return out;
    if (run.segment !== this.#segment) this.#openSegment(run, out);
    this.#write(run.length, run, false, out, (from, count) => {
      this.#layers.forEach((layer, l) => {
        copyColumns(
          run.layers[l]!,
          run.stride,
          from,
          layer,
          this.#capacity,
          this.#end - this.#base,
          count,
          this.#shape.channels,
        );
      });
    });
    return out;
  }

  reset(): void {
    this.#segment = -1;
    this.#base = this.#end = this.#index = this.#startFrom = this.#startTo = 0;
    this.#gaps.clear();
    this.#uncovered.clear();
  }

  #openSegment(run: GridRun, out: Out[]): void {
    const { size, hop } = this.#shape;
    const isStart = this.#segment === -1;
    const gapFrom = this.#end;
    this.#segment = run.segment;
    if (isStart) {
      this.#startFrom = run.first;
      this.#startTo = run.first + this.#settling;
    } else {
      this.#startTo = Math.min(this.#startTo, gapFrom);
    }
    if (run.first > gapFrom) this.#gaps.add(gapFrom, run.first);
    this.#uncovered.add(gapFrom, run.first + this.#settling);

    // Windows that began before the gap and end inside it.
    while (!isStart && this.#index * hop < gapFrom && this.#index * hop + size <= run.first) {
      this.#hold(this.#index * hop + size - this.#end, run, out);
    }
    const firstOpen = Math.floor((run.first - size) / hop) + 1;
    this.#index = Math.max(this.#index, firstOpen);
    const start = this.#index * hop;
    if (!isStart && start < gapFrom) {
      this.#hold(run.first - this.#end, run, out);
    } else {
      this.#base = Math.min(start, run.first);
      this.#end = run.first;
      this.#layers.forEach((layer, l) => {
        fillColumns(
          layer,
          this.#capacity,
          0,
          run.first - this.#base,
          run.layers[l]!,
          run.stride,
          0,
          this.#shape.channels,
        );
      });
    }
  }

  /** Continues with the last value for `length` samples. */
  #hold(length: number, after: GridRun, out: Out[]): void {
    this.#write(length, after, true, out, (_from, count) => {
      const at = this.#end - this.#base;
      for (const layer of this.#layers) {
        fillColumns(layer, this.#capacity, at, count, layer, this.#capacity, at - 1, this.#shape.channels);
      }
    });
  }

  /** Appends `length` samples, which `copy(from, count)` writes at #end, and makes the windows that they complete. */
  #write(length: number, run: GridRun, isHeld: boolean, out: Out[], copy: (from: number, count: number) => void): void {
    const { size, hop } = this.#shape;
    let from = 0;
    while (from < length) {
      const start = this.#index * hop;
      if (this.#end < start) {
        // Samples between two windows that do not touch.
        const skip = Math.min(length - from, start - this.#end);
        from += skip;
        this.#base = this.#end += skip;
        continue;
      }
      const count = Math.min(length - from, start + size - this.#end);
      if (this.#end - this.#base + count > this.#capacity) this.#moveTo(start);
      copy(from, count);
      from += count;
      this.#end += count;
      if (this.#end === start + size) {
        out.push(this.#make(this.#window(start, isHeld ? run.first : start + size - 1, run.closedBy)));
        this.#index++;
        this.#gaps.dropBefore(start + hop);
        this.#uncovered.dropBefore(start + hop);
      }
    }
  }

  /** Moves the samples from `start` on to the start of the buffer. */
  #moveTo(start: number): void {
    const from = start - this.#base;
    const to = this.#end - this.#base;
    for (const layer of this.#layers) {
      for (let c = 0; c < this.#shape.channels; c++) {
        layer.copyWithin(c * this.#capacity, c * this.#capacity + from, c * this.#capacity + to);
      }
    }
    this.#base = start;
  }

  #window(first: number, completedBy: number, closedBy: number): Window {
    const { size } = this.#shape;
    const uncovered = this.#uncovered.overlap(first, first + size);
    const settlingAtStart = Math.max(0, Math.min(first + size, this.#startTo) - Math.max(first, this.#startFrom));
    return {
      index: this.#index,
      first,
      layers: this.#layers,
      offset: first - this.#base,
      stride: this.#capacity,
      coverage: (size - uncovered) / size,
      warmup: uncovered > 0 && uncovered === settlingAtStart && this.#gaps.overlap(first, first + size) === 0,
      completedBy,
      closedBy,
      segment: this.#segment,
    };
  }
}

/** Fills `count` samples of every channel with that channel's value at `valueAt`. */
function fillColumns(
  to: Float64Array,
  toStride: number,
  toAt: number,
  count: number,
  values: Float64Array,
  valueStride: number,
  valueAt: number,
  channels: number,
): void {
  for (let c = 0; c < channels; c++) {
    to.fill(values[c * valueStride + valueAt]!, c * toStride + toAt, c * toStride + toAt + count);
  }
}
