import { requireNext } from '../../block-order.ts';
import type { Block } from '../../samples.ts';
import type { SampleAccount } from '../preprocessor.ts';

/** Checks the order of an eye tracker's blocks and counts the samples that came. */
export class ReceivedSamples {
  readonly #channels: number;
  /** Index of the next sample. */
  #next = 0;
  #received = 0;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** A sample without eyes counts as received: nobody in front of the tracker is a valid measurement. */
  get account(): SampleAccount {
    const total = this.#next;
    return { total, received: this.#received, interpolated: 0, lost: total - this.#received, pending: 0 };
  }

  /** Throws `INTERNAL` for a block that does not follow the last one. */
  add(block: Block): void {
    requireNext(block, this.#channels, this.#next);
    this.#next = block.firstSample + block.length;
    this.#received += block.length;
  }

  reset(): void {
    this.#next = this.#received = 0;
  }
}
