/** Trains a teacher with cross-entropy and minimum class confusion (CMCRD, Kan et al. 2026, equations 1-6). */
import * as tf from '@tensorflow/tfjs';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import { batchOf, oneHotOf } from '../loop/batch.ts';
import type { FitResult, TrainingHooks } from '../loop/epochs.ts';
import { fitBackbone } from '../loop/fit.ts';
import type { FitState } from '../loop/fit-state.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import { Sgd } from '../tf/sgd.ts';
import type { TeacherConfig } from './config.ts';
import { mcc } from './mcc.ts';

interface TeacherTask {
  readonly backbone: Backbone;
  /** Standardised, like all tables here. */
  readonly train: FeatureTable;
  readonly validation: FeatureTable;
  /** The test rows: their features are used where `mccSource` is `target`, their labels never. */
  readonly target: FeatureTable;
  readonly config: TeacherConfig;
  readonly keys: readonly (string | number)[];
}

export async function trainTeacher(task: TeacherTask, hooks?: TrainingHooks<FitState>): Promise<FitResult> {
  const { backbone, train, validation, target, config, keys } = task;
  const { learningRate, momentum, mccWeight, mccSource, ...schedule } = config;
  const optimiser = new Sgd(backbone.parameters, momentum);
  try {
    return await fitBackbone(
      {
        ...schedule,
        backbone,
        distiller: null,
        optimiser,
        rows: train.labels.length,
        validation,
        keys,
        learningRate: () => learningRate,
        loss(rows, random) {
          const { logits } = backbone.forward(batchOf(train, rows), true);
          const classification = crossEntropy(logits, oneHotOf(train, rows));
          if (mccWeight === 0) return classification;
          let confused = logits;
          if (mccSource === 'target') {
            const drawn = rows.map(() => random.integer(0, target.labels.length - 1));
            confused = backbone.forward(batchOf(target, drawn), true).logits;
          }
          return tf.add(classification, tf.mul(mcc(confused), mccWeight));
        },
      },
      hooks,
    );
  } finally {
    optimiser.dispose();
  }
}
