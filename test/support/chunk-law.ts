import fc from 'fast-check';
import type { Block } from '../../src/samples.ts';
import { cutBlock, eegInfo, eegLike, loseSamples } from './signals.ts';

/** A stream with lost samples, missing values and clipped values at random places. */
export interface TroubledStream {
  /** Contiguous samples in one block each. */
  readonly blocks: Block[];
  /** The same samples, cut at random. */
  readonly cut: Block[];
}

/** @param length in samples */
export function troubledStream(
  labels: readonly string[],
  rateHz: number,
  length: number,
): fc.Arbitrary<TroubledStream> {
  const info = eegInfo(labels, rateHz, 60000);
  const stretch = fc
    .tuple(fc.nat(length), fc.oneof(fc.nat(12), fc.nat(80), fc.nat(length / 2)))
    .map(([from, size]) => [from, Math.min(length, from + size)] as const);
  return fc
    .record({
      seed: fc.nat(),
      lost: fc.array(stretch, { maxLength: 4 }),
      empty: fc.array(fc.tuple(stretch, fc.nat(labels.length - 1)), { maxLength: 4 }),
      allEmpty: fc.array(stretch, { maxLength: 2 }),
      railed: fc.array(fc.tuple(stretch, fc.nat(labels.length - 1)), { maxLength: 2 }),
      cuts: fc.array(fc.nat(length), { maxLength: 40 }),
    })
    .map(({ seed, lost, empty, allEmpty, railed, cuts }) => {
      const whole = eegLike(info, length, seed);
      for (const [[from, to], c] of railed) whole.data.fill(60000, c * length + from, c * length + to);
      for (const [[from, to], c] of empty) whole.data.fill(Number.NaN, c * length + from, c * length + to);
      for (const [from, to] of allEmpty) {
        for (let c = 0; c < labels.length; c++) whole.data.fill(Number.NaN, c * length + from, c * length + to);
      }
      const blocks = loseSamples(whole, lost);
      return {
        blocks,
        cut: blocks.flatMap((block) =>
          cutBlock(
            block,
            cuts.map((at) => at - block.firstSample),
          ),
        ),
      };
    });
}
