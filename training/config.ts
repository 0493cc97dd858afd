/** Every hyperparameter of a training run; all of it is stored with the result. */
import { z } from 'zod';
import { BACKBONE_NAMES } from './backbones/create.ts';
import { DISTILLER_NAMES } from './distillers/create.ts';

const positive = z.number().positive();
const count = z.int().positive();

const teacherSchema = z.strictObject({
  /** SGD with momentum, as CMCRD's authors train their teacher. */
  learningRate: positive.default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  batch: z.int().min(2).default(32),
  epochs: count.default(50),
  /** Epochs without a better validation loss after which training ends. */
  patience: count.default(10),
  /** Minimum class confusion beside cross-entropy (lambda 1); 0 leaves it out. */
  mccWeight: z.number().min(0).default(0.1),
  /** The rows that MCC sees: the training batch, or the test set's without their labels (transductive). */
  mccSource: z.enum(['train', 'target']).default('train'),
});
export type TeacherConfig = z.infer<typeof teacherSchema>;

const studentSchema = z.strictObject({
  /** AdamW; reached after the warm-up, then down to 0 along a cosine. */
  learningRate: positive.default(1e-3),
  warmupEpochs: z.number().min(0).default(10),
  weightDecay: z.number().min(0).default(1e-3),
  batch: z.int().min(2).default(32),
  epochs: count.default(40),
});
export type StudentConfig = z.infer<typeof studentSchema>;

const distillerSchema = z.strictObject({
  name: z.enum(DISTILLER_NAMES).default('cmcrd'),
  /** Of CMCRD's loss. */
  form: z.enum(['stable', 'reference', 'ratio']).default('stable'),
  /** CMCRD's gating and sets by what the teacher has right (US in Table 7). */
  guidanceSets: z.boolean().default(true),
  /** CMCRD's weights by the teacher's certainty (IEW in Table 7). */
  certaintyWeights: z.boolean().default(true),
  /** K of CMCRD and CRD; null: three quarters of the training rows, as the paper has within subjects. */
  negatives: count.nullable().default(null),
});
export type DistillerConfig = z.infer<typeof distillerSchema>;

export const DIRECTIONS = ['eye-to-eeg', 'eeg-to-eye'] as const;
export const PROTOCOLS = ['within', 'cross'] as const;

export const runConfigSchema = z.strictObject({
  /** The teacher's modality first. */
  direction: z.enum(DIRECTIONS),
  backbone: z.enum(BACKBONE_NAMES).default('dnn'),
  protocol: z.enum(PROTOCOLS),
  /** Electrodes to use of the table's; null: all. */
  montage: z.array(z.string().min(1)).min(1).nullable().default(null),
  seeds: z.array(z.int()).min(1).default([2022, 2023, 2024]),
  distiller: distillerSchema.prefault({}),
  teacher: teacherSchema.prefault({}),
  student: studentSchema.prefault({}),
});
export type RunConfig = z.infer<typeof runConfigSchema>;

/** The student's recipe without a run. */
export const DEFAULT_STUDENT: StudentConfig = studentSchema.parse({});
