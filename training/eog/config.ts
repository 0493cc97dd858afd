/** Every setting of an EOG experiment; all of it is stored with the result. Loads no TensorFlow.js. */
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
/** V1 learns from the teacher's answers, V2 from its fusion feature too, V3 with feedback to the teacher as well. */
export const VARIANTS = ['V1', 'V2', 'V3'] as const;
/** `trial`: every subject trains, on other trials; `subject`: those who test are in no other set. */
export const EOG_PROTOCOLS = ['trial', 'subject'] as const;

/** The numbers that the paper leaves open have the defaults of this RECONSTRUCTION. */
export const eogConfigSchema = z.strictObject({
  target: z.enum(TARGETS).default('valence'),
  protocol: z.enum(EOG_PROTOCOLS).default('subject'),
  /** Each trial, or each subject, tests in one of them. */
  folds: z.int().min(2).default(5),
  seeds: z
    .array(z.int())
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'names a seed twice' })
    .default([2022, 2023, 2024]),
  variant: z.enum(VARIANTS).default('V3'),
  /** Of V3; V1 and V2 have none. */
  feedback: z.enum(FEEDBACK_MODES).default('secondOrder'),
  batch: z.int().min(2).default(32),
  /** Of both networks together, after the teacher's own. */
  epochs: count.default(40),
  /** Epochs without a better validation loss after which training ends. */
  patience: count.default(10),
  /** Epochs that the teacher learns alone, so that the first student has something to learn. */
  warmupEpochs: z.int().min(0).default(5),
  /** AdamW, the student's and the teacher's (mu). */
  learningRate: rate.default(5e-4),
  teacherLearningRate: rate.default(5e-4),
  weightDecay: weight.default(1e-3),
  /**
   * The step that is taken back (eta), of plain gradient descent. On simulated data one of 0.03 overshoots (the student
   * answers worse by far after it), and one of 0.01 gives the feedback the teacher's own gradient's size.
   */
  rehearsalRate: rate.default(0.003),
  /** gamma */
  feedbackWeight: weight.default(1),
  /** Of the divergence of the answers, at this temperature, and of the squared error of the features. */
  answerWeight: weight.default(0.1),
  temperature: rate.default(4),
  featureWeight: weight.default(1),
});
export type EogConfig = z.infer<typeof eogConfigSchema>;

/** The feedback that a variant has. */
export function feedbackOf({ variant, feedback }: EogConfig): FeedbackMode {
  return variant === 'V3' ? feedback : 'none';
}
