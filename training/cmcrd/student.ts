/** Trains a student with cross-entropy and a distillation loss from a frozen teacher (CMCRD, Kan et al. 2026). */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import type { Distiller } from '../distillers/distiller.ts';
import { batchOf, oneHotOf } from '../loop/batch.ts';
import type { FitResult, TrainingHooks } from '../loop/epochs.ts';
import { fitBackbone } from '../loop/fit.ts';
import type { FitState } from '../loop/fit-state.ts';
import type { TableActivations } from '../loop/predict.ts';
import { AdamW } from '../tf/adamw.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import type { StudentConfig } from './config.ts';

export interface Distillation {
  readonly distiller: Distiller;
  /** The teacher's activations for the training rows of its own modality. */
  readonly teacher: TableActivations;
}

export interface StudentTask {
  readonly backbone: Backbone;
  /** Null: the student learns from the labels alone. */
  readonly distillation: Distillation | null;
  /** Standardised, like all tables here. */
  readonly train: FeatureTable;
  readonly validation: FeatureTable;
  readonly config: StudentConfig;
  readonly keys: readonly (string | number)[];
}

export async function distill(task: StudentTask, hooks?: TrainingHooks<FitState>): Promise<FitResult> {
  const { backbone, distillation, train, validation, config, keys } = task;
  const { weightDecay, batch, epochs } = config;
  const distiller = distillation?.distiller ?? null;
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

/** Loss of a batch of training rows: cross-entropy plus the distillation loss. */
export function studentLoss({
  backbone,
  distillation,
  train,
}: Pick<StudentTask, 'backbone' | 'distillation' | 'train'>) {
  return (rows: Int32Array, random: Random): tf.Scalar => {
    const labels = oneHotOf(train, rows);
    const student = backbone.forward(batchOf(train, rows), true);
    const classification = crossEntropy(student.logits, labels);
    if (distillation === null) return classification;
    const teacher = activationsFor(rows, distillation.teacher);
    return tf.add(classification, distillation.distiller.loss({ rows, labels, student, teacher, random }));
  };
}

function activationsFor(rows: Int32Array, { hidden, embedding, logits }: TableActivations) {
  return { hidden: batchOf(hidden, rows), embedding: batchOf(embedding, rows), logits: batchOf(logits, rows) };
}

/** Linear warm-up from 0, so the first step changes no weight; then a cosine down to 0. */
function warmUpThenCosine({ learningRate: peak, warmupEpochs, epochs }: StudentConfig, epoch: number): number {
  if (epoch < warmupEpochs) return (peak * epoch) / warmupEpochs;
  return (peak / 2) * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / (epochs - warmupEpochs)));
}
