/** All hyperparameters of a CMCRD run; they are stored with the result. */
import { z } from 'zod';
import { BACKBONE_NAMES } from '../backbones/index.ts';
import { distillerSchema } from '../distillers/index.ts';

const ABOVE_0 = { error: 'give a number above 0' };
const WHOLE = { error: 'give a whole number above 0' };
const positive = z.number(ABOVE_0).positive(ABOVE_0);
const count = z.int(WHOLE).positive(WHOLE);
const SEED = { error: 'give a whole number' };

const teacherSchema = z.strictObject({
  /** Of SGD with momentum, as CMCRD's authors train their teacher. */
  learningRate: positive.default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  batch: z.int().min(2).default(32),
  epochs: count.default(50),
  /** Epochs without a better validation loss after which training ends. */
  patience: count.default(10),
  /** Weight of minimum class confusion beside cross-entropy (lambda 1); 0 leaves it out. */
  mccWeight: z.number().min(0).default(0.1),
  /** Rows for MCC: the training batch, or test rows without their labels (transductive). */
  mccSource: z.enum(['train', 'target']).default('train'),
});
export type TeacherConfig = z.infer<typeof teacherSchema>;

const studentFields = z.strictObject({
  /** Peak rate of AdamW, reached after the warm-up; then it falls to 0 along a cosine. */
  learningRate: positive.default(1e-3),
  /** Null: 10, or a quarter of a short run. */
  warmupEpochs: z.number().min(0).nullable().default(null),
  weightDecay: z.number().min(0).default(1e-3),
  batch: z.int().min(2).default(32),
  epochs: count.default(40),
});
const studentSchema = studentFields.transform(({ warmupEpochs, ...student }, context) => {
  const warmUp = warmupEpochs ?? Math.min(10, student.epochs / 4);
  if (warmUp >= student.epochs) {
    context.addIssue({
      code: 'custom',
      path: ['warmupEpochs'],
      message: `must be less than epochs (${student.epochs})`,
    });
  }
  return { ...student, warmupEpochs: warmUp };
});
export type StudentConfig = z.infer<typeof studentSchema>;

export const DIRECTIONS = ['eye-to-eeg', 'eeg-to-eye'] as const;
export const PROTOCOLS = ['within', 'cross'] as const;

const runFields = z.strictObject({
  /** The teacher's modality first. */
  direction: z.enum(DIRECTIONS),
  backbone: z.enum(BACKBONE_NAMES).default('dnn'),
  protocol: z.enum(PROTOCOLS),
  /** Electrodes of the table to use; null: all. */
  montage: z.array(z.string().min(1)).min(1).nullable().default(null),
  seeds: z
    .array(z.int(SEED))
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'names a seed twice' })
    .default([2022, 2023, 2024]),
  distiller: distillerSchema.prefault({}),
  teacher: teacherSchema.prefault({}),
  student: studentSchema.prefault({}),
});
export const runConfigSchema = runFields.superRefine(({ teacher }, context) => {
  if (teacher.mccSource !== 'target' || teacher.mccWeight > 0) return;
  context.addIssue({
    code: 'custom',
    path: ['teacher', 'mccSource'],
    message: 'has no effect where minimum class confusion is left out',
  });
});
export type RunConfig = z.infer<typeof runConfigSchema>;

/** The student's default settings. */
export const DEFAULT_STUDENT: StudentConfig = studentSchema.parse({});
