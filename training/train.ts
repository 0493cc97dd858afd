/** Trains a backbone with cross-entropy: read from top to bottom. */
import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../src/errors.ts';
import { Random } from '../src/simulation/random.ts';
import { AdamW } from './adamw.ts';
import type { Backbone } from './backbones/backbone.ts';
import { DEFAULT_STUDENT, type StudentConfig } from './config.ts';
import type { FeatureTable } from './datasets/table.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import { meanCrossEntropy, predictLogits } from './predict.ts';
import { shuffle } from './shuffle.ts';

export type TrainConfig = StudentConfig & { readonly seed: number };
export const DEFAULT_TRAIN_CONFIG: TrainConfig = { ...DEFAULT_STUDENT, seed: 2022 };

export interface TrainResult {
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly validationLoss: number;
}

/**
 * Leaves the backbone with the weights of the epoch that was best on `validation`. Both tables are standardised.
 * Throws DATA_INVALID for too few rows, and where the loss diverges.
 */
export async function train(
  backbone: Backbone,
  table: FeatureTable,
  validation: FeatureTable,
  config: TrainConfig,
  log: (line: string) => void,
): Promise<TrainResult> {
  const rows = table.labels.length;
  const batches = Math.floor(rows / config.batch);
  if (batches === 0) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${rows} training rows fill no batch of ${config.batch}; use a smaller batch`,
    );
  }
  if (validation.labels.length === 0) {
    throw new AffectEdgeError('DATA_INVALID', 'no validation rows, which choose the epoch; give validation a share');
  }
  const random = new Random(config.seed, 'batches');
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const x = tf.tensor2d(table.values, [rows, table.width]);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(table.labels, 'int32'), table.classes.length).toFloat() as tf.Tensor2D);
  const optimiser = new AdamW(backbone.parameters, config.weightDecay);
  const kept = [...backbone.parameters, ...backbone.statistics];
  let best: { epoch: number; loss: number; weights: tf.Tensor[] } | null = null;

  try {
    for (let epoch = 1; epoch <= config.epochs; epoch++) {
      shuffle(order, random);
      // The last, shorter batch waits for another epoch's order: every step sees a full batch.
      for (let b = 0; b < batches; b++) {
        const rate = learningRate(config, epoch - 1 + b / batches);
        tf.tidy(() => {
          const picked = tf.tensor1d(order.subarray(b * config.batch, (b + 1) * config.batch), 'int32');
          const batchX = tf.gather(x, picked);
          const batchY = tf.gather(y, picked);
          const loss = () => crossEntropy(backbone.forward(batchX, true).logits, batchY);
          optimiser.step(tf.variableGrads(loss, [...backbone.parameters]).grads, rate);
        });
      }
      const loss = meanCrossEntropy(await predictLogits(backbone, validation), validation.labels);
      if (Number.isNaN(loss)) {
        throw new AffectEdgeError('DATA_INVALID', `training diverged in epoch ${epoch}; lower the learning rate`);
      }
      log(`epoch ${epoch}/${config.epochs}: validation cross-entropy ${loss.toFixed(4)}`);
      if (best === null || loss < best.loss) {
        if (best !== null) tf.dispose(best.weights);
        best = { epoch, loss, weights: kept.map((variable) => variable.clone()) };
      }
    }
    for (const [i, variable] of kept.entries()) variable.assign(best!.weights[i]!);
    return { bestEpoch: best!.epoch, validationLoss: best!.loss };
  } finally {
    tf.dispose([x, y, ...(best?.weights ?? [])]);
    optimiser.dispose();
  }
}

/** Linear warm-up, then a cosine to 0; `epoch` is fractional. */
function learningRate({ learningRate: peak, warmupEpochs, epochs }: TrainConfig, epoch: number): number {
  if (epoch < warmupEpochs) return (peak * epoch) / warmupEpochs;
  return (peak / 2) * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / (epochs - warmupEpochs)));
}
