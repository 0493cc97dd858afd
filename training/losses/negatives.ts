import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import type { Random } from '../../src/simulation/random.ts';

/** A batch's samples and the negatives that were drawn for each. */
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
  /** By class: every sample that is not of it. */
  readonly #others = new Map<number, Int32Array>();

  /** `labels` of the training set, [n]. Throws DATA_INVALID where there is but one class. */
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
    const batch = rows.length;
    const counts = new Float32Array(n * batch);
    for (const [column, row] of rows.entries()) {
      for (const other of this.#sample(this.#others.get(this.#labels[row]!)!, random))
        counts[other * batch + column]!++;
    }
    return {
      rows: tf.tensor1d(rows, 'int32'),
      counts: tf.tensor2d(counts, [n, batch]),
      perSample: this.#perSample,
    };
  }

  *#sample(others: Int32Array, random: Random): Generator<number> {
    let needed = this.#perSample;
    if (others.length < needed) {
      while (needed-- > 0) yield others[random.integer(0, others.length - 1)]!;
      return;
    }
    // Selection sampling (Knuth, algorithm 3.4.2 S).
    for (let left = others.length; needed > 0; left--) {
      if (random.uniform() * left >= needed) continue;
      needed--;
      yield others[others.length - left]!;
    }
  }
}
