import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../../src/errors.ts';
import type { Random } from '../../../src/random.ts';

/** A batch's samples and the negatives drawn for each. */
export interface Drawn {
  /** [B] int32, the batch's samples among the training set's n. */
  readonly rows: tf.Tensor1D;
  /** [n, B]: how often each sample of the training set was drawn as a negative of each one of the batch. */
  readonly counts: tf.Tensor2D;
  /** K, the sum of every column of `counts`. */
  readonly perSample: number;
}

/**
 * Draws K negatives for a sample from the other classes: without replacement where they are K or more, with
 * replacement where they are fewer. As in CMCRD (Kan et al. 2026), and as CRD's sampler does.
 */
export class NegativeSampler {
  readonly #labels: Int32Array;
  readonly #perSample: number;
  /** Per class, the samples of all other classes. */
  readonly #others = new Map<number, Int32Array>();

  /** `labels` of the training set, [n]. Throws DATA_INVALID where there is only one class. */
  constructor(labels: Int32Array, perSample: number) {
    this.#labels = labels;
    this.#perSample = perSample;
    for (const label of new Set(labels)) {
      const others = [...labels.keys()].filter((row) => labels[row] !== label);
      if (others.length === 0) {
        throw new AffectEdgeError(
          'DATA_INVALID',
          `every training row has label ${label}, so none has a negative; contrastive losses need two classes`,
        );
      }
      this.#others.set(label, Int32Array.from(others));
    }
  }

  draw(rows: Int32Array, random: Random): Drawn {
    const n = this.#labels.length;
    // With a sample's counts side by side, they stay in the processor's cache while they are drawn.
    const counts = new Float32Array(rows.length * n);
    for (const [i, row] of rows.entries()) {
      this.#count(this.#others.get(this.#labels[row]!)!, random, counts.subarray(i * n, (i + 1) * n));
    }
    return {
      rows: tf.tensor1d(rows, 'int32'),
      counts: tf.transpose(tf.tensor2d(counts, [rows.length, n])),
      perSample: this.#perSample,
    };
  }

  /** Draws for one sample; `counts` [n] are 0. */
  #count(others: Int32Array, random: Random, counts: Float32Array): void {
    const last = others.length - 1;
    const left = others.length - this.#perSample;
    if (left < 0) {
      for (let k = 0; k < this.#perSample; k++) counts[others[random.integer(0, last)]!]!++;
      return;
    }
    // Draws the chosen ones or the left-out ones, whichever are fewer, so that few draws are repeated.
    const mark = this.#perSample <= left ? 1 : 0;
    if (mark === 0) for (const other of others) counts[other] = 1;
    for (let needed = Math.min(this.#perSample, left); needed > 0; ) {
      const other = others[random.integer(0, last)]!;
      if (counts[other] === mark) continue;
      counts[other] = mark;
      needed--;
    }
  }
}
