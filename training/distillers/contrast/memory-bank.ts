import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import { detached } from '../../tf/detach.ts';
import { l2Normalise } from '../../tf/l2-normalise.ts';

/**
 * A unit feature of every training sample, [n, d], as a moving average of its embeddings, without gradient.
 * After Wu et al. 2018, "Unsupervised feature learning via non-parametric instance discrimination"; the update
 * is that of the code of CRD (Tian et al. 2020) and CMCRD (Kan et al. 2026).
 */
export class MemoryBank {
  readonly features: tf.Variable<tf.Rank.R2>;
  readonly #momentum: number;
  #logZ: tf.Scalar | null = null;

  /** `momentum`: share of its old value that a row keeps in an update. Initialised U(+-1/sqrt(d/3)), as by the authors. */
  constructor(samples: number, width: number, momentum: number, random: Random) {
    const bound = 1 / Math.sqrt(width / 3);
    const start = Float32Array.from({ length: samples * width }, () => bound * (2 * random.uniform() - 1));
    this.features = tf.tidy(() => tf.variable(tf.tensor2d(start, [samples, width]), false));
    this.#momentum = momentum;
  }

  get samples(): number {
    return this.features.shape[0];
  }

  /** ln Z of the scores against this bank, fixed at its first batch; null until then. */
  get logZ(): tf.Scalar | null {
    return this.#logZ;
  }

  freezeZ(logZ: tf.Scalar): void {
    this.#logZ?.dispose();
    this.#logZ = tf.keep(logZ.clone());
  }

  /** rows [B] int32 -> [B, d] */
  at(rows: tf.Tensor1D): tf.Tensor2D {
    // Detached: recording a gradient would copy the bank.
    return detached(() => tf.gather(this.features as tf.Tensor2D, rows))();
  }

  /** M[i] <- l2norm(m M[i] + (1 - m) fresh_i) for the samples `rows` [B] int32, whose M[i] are `old`; [B, d] each. */
  update(rows: tf.Tensor1D, old: tf.Tensor2D, fresh: tf.Tensor2D): void {
    const moved = detached(() => {
      const blend = tf.add(tf.mul(old, this.#momentum), tf.mul(fresh, 1 - this.#momentum));
      const unit = l2Normalise(blend as tf.Tensor2D);
      return tf.tensorScatterUpdate(this.features, tf.expandDims(rows, 1), unit) as tf.Tensor2D;
    })();
    this.features.assign(moved);
    moved.dispose();
  }

  dispose(): void {
    this.features.dispose();
    this.#logZ?.dispose();
  }
}
