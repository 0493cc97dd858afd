/** Holds an eye tracker's blocks against the stream's sample index and counts what came. */
import type { Block } from '../../samples.ts';
import { requireNext } from '../block-order.ts';
import type { SampleAccount } from '../preprocessor.ts';

export class EyeStream {
  readonly #channels: number;
  /** The sample that comes next. */
  #next = 0;
  #received = 0;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** A sample that came without eyes is received: nobody before the tracker is a finding, and no loss. */
  get account(): SampleAccount {
    const total = this.#next;
    return { total, received: this.#received, interpolated: 0, lost: total - this.#received, pending: 0 };
  }

  /** Throws `INTERNAL` as `requireNext`. */
  take(block: Block): void {
    requireNext(block, this.#channels, this.#next);
    this.#next = block.firstSample + block.length;
    this.#received += block.length;
  }

  reset(): void {
    this.#next = this.#received = 0;
  }
}
