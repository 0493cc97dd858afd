/** Trains a teacher with cross-entropy and minimum class confusion (CMCRD, Kan et al. 2026, equations 1-6). */
import * as tf from '@tensorflow/tfjs';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import { batchOf, oneHotOf } from '../loop/batch.ts';
import { type FitResult, fitBackbone, type TrainingHooks } from '../loop/fit.ts';
import type { FitState } from '../loop/fit-state.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import { Sgd } from '../tf/sgd.ts';
import type { TeacherConfig } from './config.ts';
import { mcc } from './mcc.ts';

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
