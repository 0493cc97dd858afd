/**
 * Handles lost samples, missing values and railed values of the device's own samples.
 *
 * A loss of up to 40 ms is interpolated linearly once the next sample has arrived; a longer one is passed on as `lostBefore`.
 * Samples without a value on any channel count as lost. A single channel without a value holds its last one; after more than
 * 40 ms its later values are shifted to the held level, because the filters would ring for many seconds after a step between
 * two electrode offsets. Before a channel's first value the held level is 0.
 */

import { requireNext } from '../../block-order.ts';
import { type Block, LONGEST_FILL_S, type StreamInfo } from '../../samples.ts';
import type { Stage } from '../../stage.ts';
import type { SampleAccount } from '../preprocessor.ts';
import type { SampleLedger } from './sample-ledger.ts';

export class GapStage implements Stage<Block, Block> {
  readonly #channels: number;
  readonly #longestFill: number;
  readonly #shiftUs: number;
  readonly #limit: number;
  readonly #ledger: SampleLedger;
  /** Per channel: the last value passed on, the offset added to its values, and for how many samples it had no value. */
  readonly #held: Float32Array;
  readonly #offset: Float64Array;
  readonly #without: Float64Array;
  /** Whether a channel is held or shifted, so that even a plain block must be changed. */
  #adjusts = false;
  #started = false;
  #next = 0;
  #run = 0;
  #received = 0;
  #interpolated = 0;
  #lost = 0;

  constructor(info: StreamInfo, ledger: SampleLedger) {
    this.#channels = info.channels.length;
    this.#longestFill = Math.floor(LONGEST_FILL_S * info.sampleRateHz + 1e-9);
    this.#shiftUs = 1e6 / info.sampleRateHz;
    // Samples are float32, so the rail is compared as float32.
    this.#limit = info.railUv === undefined ? Number.POSITIVE_INFINITY : Math.fround(info.railUv);
    this.#ledger = ledger;
    this.#held = new Float32Array(this.#channels);
    this.#offset = new Float64Array(this.#channels);
    this.#without = new Float64Array(this.#channels);
  }

  get account(): SampleAccount {
    const known = !this.#started || this.#run > this.#longestFill;
    return {
      total: this.#next,
      received: this.#received,
      interpolated: this.#interpolated,
      lost: this.#lost + (known ? this.#run : 0),
      pending: known ? 0 : this.#run,
    };
  }

  push(block: Block): Block[] {
    requireNext(block, this.#channels, this.#next);
    this.#run += block.firstSample - this.#next;
    this.#next = block.firstSample + block.length;
    if (block.length === 0) return [];
    if (isPlain(block.data, this.#limit)) return [this.#emit(block, 0, block.length, true)];

    const blocks: Block[] = [];
    let from = 0;
    while (from < block.length) {
      const isLost = this.#isLost(block, from);
      let to = from + 1;
      while (to < block.length && this.#isLost(block, to) === isLost) to++;
      if (isLost) this.#run += to - from;
      else blocks.push(this.#emit(block, from, to, false));
      from = to;
    }
    return blocks;
  }

  reset(): void {
    this.#held.fill(0);
    this.#offset.fill(0);
    this.#without.fill(0);
    this.#adjusts = false;
    this.#started = false;
    this.#next = this.#run = this.#received = this.#interpolated = this.#lost = 0;
  }

  #isLost(block: Block, i: number): boolean {
    for (let at = i; at < block.data.length; at += block.length) if (Number.isFinite(block.data[at]!)) return false;
    return true;
  }

  /** Passes on samples [from, to), each with a value on some channel; `plain`: every value is finite and below the rail. */
  #emit(block: Block, from: number, to: number, plain: boolean): Block {
    const first = block.firstSample + from;
    const lost = this.#run;
    const fill = this.#started && lost <= this.#longestFill ? lost : 0;
    const lostBefore = lost - fill;
    if (lost > 0) this.#ledger.lost.add(first - lost, first);
    this.#run = 0;
    this.#received += to - from;
    this.#interpolated += fill;
    this.#lost += lostBefore;
    if (lostBefore > 0 || !this.#started) this.#startSegment();
    this.#started = true;

    if (plain && fill === 0 && !this.#adjusts) {
      for (let c = 0; c < this.#channels; c++) this.#held[c] = block.data[c * block.length + to - 1]!;
      this.#without.fill(0);
      return block.lostBefore === lostBefore && from === 0 && to === block.length ? block : { ...block, lostBefore };
    }

    const length = fill + to - from;
    const data = new Float32Array(this.#channels * length);
    this.#adjusts = false;
    for (let c = 0; c < this.#channels; c++) {
      const before = this.#held[c]!;
      const at = c * length + fill;
      if (this.#without[c]! > 0) this.#without[c]! += fill;
      this.#copyChannel(c, block, from, to, data, at);
      for (let i = 0; i < fill; i++) data[at - fill + i] = before + ((data[at]! - before) * (i + 1)) / (fill + 1);
    }
    const shift = (from - fill) * this.#shiftUs;
    return {
      ...block,
      firstSample: first - fill,
      length,
      data,
      lostBefore,
      deviceTimeUs: block.deviceTimeUs + shift,
      hostTimeUs: block.hostTimeUs + shift,
    };
  }

  #copyChannel(c: number, block: Block, from: number, to: number, out: Float32Array, at: number): void {
    const railed = this.#ledger.railed[c]!;
    const missing = this.#ledger.missing[c]!;
    let held = this.#held[c]!;
    let offset = this.#offset[c]!;
    let without = this.#without[c]!;
    for (let i = from; i < to; i++) {
      const value = block.data[c * block.length + i]!;
      const sample = block.firstSample + i;
      if (Number.isFinite(value)) {
        if (Math.abs(value) >= this.#limit) railed.add(sample, sample + 1);
        if (without > this.#longestFill) offset = held - value;
        without = 0;
        held = offset === 0 ? value : Math.fround(value + offset);
      } else {
        missing.add(sample, sample + 1);
        without++;
      }
      out[at + i - from] = held;
    }
    this.#held[c] = held;
    this.#offset[c] = offset;
    this.#without[c] = without;
    if (offset !== 0 || without > 0) this.#adjusts = true;
  }

  /** The filters restart at the next sample: a channel with a value there keeps it, one without holds its level. */
  #startSegment(): void {
    this.#offset.fill(0);
    this.#adjusts = false;
    // A channel without a value at the first sample then counts as missing for 40 ms, so its next values are shifted.
    this.#without.fill(this.#longestFill);
  }
}

function isPlain(data: Float32Array, limit: number): boolean {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]!) < limit)) return false;
  return true;
}
