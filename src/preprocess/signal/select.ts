import type { Block, StreamInfo } from '../../samples.ts';
import type { Stage } from '../../stage.ts';

/** Selects the channels at `picks`, in that order. The device's own order is passed on without a copy. */
export class SelectStage implements Stage<Block, Block> {
  readonly info: StreamInfo;
  readonly #picks: readonly number[];
  readonly #isIdentity: boolean;

  constructor(info: StreamInfo, picks: readonly number[]) {
    this.#picks = picks;
    this.#isIdentity = picks.length === info.channels.length && picks.every((pick, c) => pick === c);
    this.info = this.#isIdentity ? info : { ...info, channels: picks.map((pick) => info.channels[pick]!) };
  }

  push(block: Block): Block[] {
    if (this.#isIdentity) return [block];
    const { length } = block;
    const data = new Float32Array(this.#picks.length * length);
    this.#picks.forEach((pick, c) => {
      data.set(block.data.subarray(pick * length, (pick + 1) * length), c * length);
    });
    return [{ ...block, info: this.info, data }];
  }

  reset(): void {}
}
