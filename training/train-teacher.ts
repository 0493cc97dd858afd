/** Trains a teacher with cross-entropy and minimum class confusion (CMCRD, Kan et al. 2026, equations 1-6). */
import * as tf from '@tensorflow/tfjs';
import type { Backbone } from './backbones/backbone.ts';
import { batchOf, oneHotOf } from './batch.ts';
import type { TeacherConfig } from './config.ts';
import type { FeatureTable } from './datasets/table.ts';
import { type FitResult, fitBackbone, type TrainingHooks } from './fit.ts';
import type { FitState } from './fit-state.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import { mcc } from './losses/mcc.ts';
import { Sgd } from './sgd.ts';

export interface TeacherTask {
  readonly backbone: Backbone;
  /** Standardised, as all tables here. */
  readonly train: FeatureTable;
  readonly validation: FeatureTable;
  /** The rows that are tested later; their features are seen where `mccSource` is `target`, their labels never. */
  readonly target: FeatureTable;
  readonly config: TeacherConfig;
  readonly keys: readonly (string | number)[];
}

export async function trainTeacher(task: TeacherTask, hooks?: TrainingHooks<FitState>): Promise<FitResult> {
  const { backbone, train, validation, target, config, keys } = task;
  const { learningRate, momentum, mccWeight, mccSource, ...plan } = config;
  const optimiser = new Sgd(backbone.parameters, momentum);
  try {
    return await fitBackbone(
      {
        ...plan,
        backbone,
        distiller: null,
        optimiser,
        rows: train.labels.length,
        validation,
        keys,
        learningRate: () => learningRate,
        loss(rows, random) {
          const { logits } = backbone.forward(batchOf(train, rows), true);
          const learnt = crossEntropy(logits, oneHotOf(train, rows));
          if (mccWeight === 0) return learnt;
          let judged = logits;
          if (mccSource === 'target') {
            const drawn = rows.map(() => random.integer(0, target.labels.length - 1));
            judged = backbone.forward(batchOf(target, drawn), true).logits;
          }
          return tf.add(learnt, tf.mul(mcc(judged), mccWeight));
        },
      },
      hooks,
    );
  } finally {
    optimiser.dispose();
  }
}
