/** All settings of an EOG run; they are stored with the result. Loads no TensorFlow.js. */
import { z } from 'zod';
import { AFFECT_SCALES, type AffectScale } from '../../src/simulation/affect-scales.ts';

export const RECONSTRUCTION =
  'RECONSTRUCTION of Zhang & Lu 2025 (Brain Sciences 15(7) 707): the full text is not public, and what it leaves open is chosen by this project';

const rate = z.number().positive();
const weight = z.number().min(0);
const count = z.int().positive();

export const TARGETS = AFFECT_SCALES;
export type Target = AffectScale;
/** See feedback.ts. */
export const FEEDBACK_MODES = ['none', 'firstOrder', 'secondOrder'] as const;
export type FeedbackMode = (typeof FEEDBACK_MODES)[number];
/** V1 learns from the teacher's predictions, V2 from its fusion feature too, V3 also gives feedback to the teacher. */
export const VARIANTS = ['V1', 'V2', 'V3'] as const;
/** `trial`: every subject trains, with other trials; `subject`: the test subjects are in no other set. */
export const EOG_PROTOCOLS = ['trial', 'subject'] as const;

/** Numbers that the paper does not give have defaults chosen by this RECONSTRUCTION. */
export const eogConfigSchema = z.strictObject({
  target: z.enum(TARGETS).default('valence'),
  protocol: z.enum(EOG_PROTOCOLS).default('subject'),
  /** Each trial, or each subject, is tested in one of them. */
  folds: z.int().min(2).default(5),
  seeds: z
    .array(z.int())
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'names a seed twice' })
    .default([2022, 2023, 2024]),
  variant: z.enum(VARIANTS).default('V3'),
  /** Only for V3; V1 and V2 have no feedback. */
  feedback: z.enum(FEEDBACK_MODES).default('secondOrder'),
  batch: z.int().min(2).default(32),
  /** Epochs of both networks, after the warm-up. */
  epochs: count.default(40),
  /** Epochs without a better validation loss after which training ends. */
  patience: count.default(10),
  /** Epochs in which the teacher trains alone, so that the student starts with a trained teacher. */
  warmupEpochs: z.int().min(0).default(5),
  /** Of AdamW, for the student and for the teacher (mu). */
  learningRate: rate.default(5e-4),
  teacherLearningRate: rate.default(5e-4),
  weightDecay: weight.default(1e-3),
  /**
   * Rate of the inner step (eta), of plain gradient descent. On simulated data 0.03 overshoots (the student is far worse
   * after the step), and with 0.01 the feedback's gradient is as large as the teacher's own.
   */
  rehearsalRate: rate.default(0.003),
  /** gamma */
  feedbackWeight: weight.default(1),
  /** Weights of the divergence of the predictions, at `temperature`, and of the squared error of the features. */
  answerWeight: weight.default(0.1),
  temperature: rate.default(4),
  featureWeight: weight.default(1),
});
export type EogConfig = z.infer<typeof eogConfigSchema>;

/** The feedback that a variant has. */
export function feedbackOf({ variant, feedback }: EogConfig): FeedbackMode {
  return variant === 'V3' ? feedback : 'none';
}
