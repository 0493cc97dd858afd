/** Trains a student with cross-entropy and what a frozen teacher of the other modality tells (CMCRD, Kan et al. 2026). */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import type { Distiller } from '../distillers/distiller.ts';
import { batchOf, oneHotOf } from '../loop/batch.ts';
import { type FitResult, fitBackbone, type TrainingHooks } from '../loop/fit.ts';
import type { FitState } from '../loop/fit-state.ts';
import type { Answers } from '../loop/predict.ts';
import { AdamW } from '../tf/adamw.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import type { StudentConfig } from './config.ts';

export interface StudentTask {
  readonly backbone: Backbone;
  /** Null: the student learns from the labels alone. `answers` are the teacher's to its own modality's training rows. */
  readonly lesson: { readonly distiller: Distiller; readonly answers: Answers } | null;
  /** Standardised, as all tables here. */
  readonly train: FeatureTable;
  readonly validation: FeatureTable;
  readonly config: StudentConfig;
  readonly keys: readonly (string | number)[];
}

export async function distill(task: StudentTask, hooks?: TrainingHooks<FitState>): Promise<FitResult> {
  const { backbone, lesson, train, validation, config, keys } = task;
  const { weightDecay, batch, epochs } = config;
  const distiller = lesson?.distiller ?? null;
  const optimiser = new AdamW([...backbone.parameters, ...(distiller?.parameters ?? [])], weightDecay);
  try {
    return await fitBackbone(
      {
        backbone,
        distiller,
        optimiser,
        rows: train.labels.length,
        batch,
        epochs,
        patience: epochs,
        validation,
        keys,
        learningRate: (epoch) => warmUpThenCosine(config, epoch),
        loss: studentLoss(task),
      },
      hooks,
    );
  } finally {
    optimiser.dispose();
  }
}

/** Of picked training rows: cross-entropy and what the distiller adds. */
export function studentLoss({ backbone, lesson, train }: Pick<StudentTask, 'backbone' | 'lesson' | 'train'>) {
  return (rows: Int32Array, random: Random): tf.Scalar => {
    const labels = oneHotOf(train, rows);
    const student = backbone.forward(batchOf(train, rows), true);
    const learnt = crossEntropy(student.logits, labels);
    if (lesson === null) return learnt;
    const teacher = answersTo(rows, lesson.answers);
    return tf.add(learnt, lesson.distiller.loss({ rows, labels, student, teacher, random }));
  };
}

function answersTo(rows: Int32Array, { hidden, embedding, logits }: Answers) {
  return { hidden: batchOf(hidden, rows), embedding: batchOf(embedding, rows), logits: batchOf(logits, rows) };
}

/** Linear over the warm-up, from 0, so that the very first step moves no weight; then a cosine to 0. */
function warmUpThenCosine({ learningRate: peak, warmupEpochs, epochs }: StudentConfig, epoch: number): number {
  if (epoch < warmupEpochs) return (peak * epoch) / warmupEpochs;
  return (peak / 2) * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / (epochs - warmupEpochs)));
}
