/** Holds an eye tracker's blocks against the stream's sample index and counts what came. */
import { AffectEdgeError } from '../errors.ts';
import type { Block } from '../samples.ts';
import type { SampleAccount } from './gaps.ts';

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

  /** Throws `INTERNAL` for a block that doesn't follow the last one. */
  take(block: Block): void {
    const { firstSample, length, lostBefore, data } = block;
    // The first block may join a stream that runs already.
    const follows = firstSample === this.#next + lostBefore || (this.#next === 0 && firstSample >= 0);
    if (!follows || data.length !== this.#channels * length) {
      throw new AffectEdgeError(
        'INTERNAL',
        `block of ${length} samples (${data.length} values, ${this.#channels} channels) starts at sample ${firstSample} ` +
          `with ${lostBefore} lost before it, but sample ${this.#next} was next: the driver must declare its losses`,
      );
    }
    this.#next = firstSample + length;
    this.#received += length;
  }

  reset(): void {
    this.#next = this.#received = 0;
  }
}
