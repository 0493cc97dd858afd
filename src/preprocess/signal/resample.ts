/** Resamples the device's samples to the stream's grid. A declared loss ends a segment and starts the next. */
import { rateRatio } from '../../dsp/rate-ratio.ts';
import { PolyphaseResampler } from '../../dsp/resampler.ts';
import type { Block } from '../../samples.ts';
import type { Stage } from '../../stage.ts';
import type { GridRun } from './grid.ts';

export class ResampleStage implements Stage<Block, GridRun> {
  readonly #channels: number;
  readonly #up: number;
  readonly #down: number;
  readonly #resampler: PolyphaseResampler;
  #segment = -1;
  #next = 0;

  /** @param rateHz one that `resampledRate` returns */
  constructor(channels: number, rateHz: number, gridHz: number) {
    this.#channels = channels;
    [this.#up, this.#down] = rateRatio(rateHz, gridHz);
    this.#resampler = new PolyphaseResampler({ inputRateHz: rateHz, outputRateHz: gridHz, channels });
  }

  /** The last device sample that grid sample `g` depends on. */
  neededFor(g: number): number {
    return Math.floor((g * this.#down) / this.#up) + this.#resampler.lookAhead;
  }

  push(block: Block): GridRun[] {
    const runs: GridRun[] = [];
    if (block.length === 0) return runs;
    if (this.#segment === -1 || block.lostBefore > 0) {
      // Copied, because the resampler reuses its output buffer.
      for (const rest of this.#rest(block.firstSample)) runs.push({ ...rest, layers: [rest.layers[0]!.slice()] });
      const values = Array.from({ length: this.#channels }, (_, c) => block.data[c * block.length]!);
      this.#resampler.start(block.firstSample, values);
      this.#segment = block.firstSample;
    }
    this.#next = block.firstSample + block.length;
    const length = this.#resampler.push(block.data, block.length);
    if (length > 0) runs.push(this.#run(length, Number.POSITIVE_INFINITY));
    return runs;
  }

  flush(): GridRun[] {
    const runs = this.#rest(this.#next - 1);
    this.reset();
    return runs;
  }

  reset(): void {
    this.#segment = -1;
  }

  #rest(closedBy: number): GridRun[] {
    if (this.#segment === -1) return [];
    const length = this.#resampler.flush();
    return length > 0 ? [this.#run(length, closedBy)] : [];
  }

  #run(length: number, closedBy: number): GridRun {
    const { firstOutput, out, outStride } = this.#resampler;
    return { first: firstOutput, length, layers: [out], stride: outStride, segment: this.#segment, closedBy };
  }
}
