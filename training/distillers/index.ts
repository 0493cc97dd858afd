/**
 * The distillers by name: a new one is its own file and a line here. The code of a distiller is loaded when it is asked
 * for; the names and traits load no TensorFlow.js.
 */
import { z } from 'zod';
import { type Distiller, type DistillerContext, type DistillerOptions, distillerOptionsSchema } from './distiller.ts';

/** What the rest of the project must know about a distiller. */
interface DistillerTraits {
  /** False where the student learns from the labels alone. */
  readonly needsTeacher: boolean;
  /** The mean of both models' probabilities is the prediction, so there is no student that could be served alone. */
  readonly averagesPredictions: boolean;
  /** Every step compares the batch with a bank of all training rows. */
  readonly contrastive: boolean;
  /** The options that it reads; others have no effect on it. */
  readonly options: readonly (keyof DistillerOptions)[];
}

interface Entry extends Partial<DistillerTraits> {
  /** Null for a name without a distillation loss. */
  readonly load: (() => Promise<(context: DistillerContext) => Distiller>) | null;
}

const DEFAULT_TRAITS: DistillerTraits = {
  needsTeacher: true,
  averagesPredictions: false,
  contrastive: false,
  options: [],
};

const distillers = {
  cmcrd: {
    load: async () => (await import('./cmcrd.ts')).createCmcrd,
    contrastive: true,
    options: ['form', 'guidanceSets', 'certaintyWeights', 'negatives'],
  },
  crd: { load: async () => (await import('./crd.ts')).createCrd, contrastive: true, options: ['negatives'] },
  kd: { load: async () => (await import('./kd.ts')).createKd },
  fitnet: { load: async () => (await import('./fitnet.ts')).createFitnet },
  nst: { load: async () => (await import('./nst.ts')).createNst },
  sp: { load: async () => (await import('./sp.ts')).createSp },
  rkd: { load: async () => (await import('./rkd.ts')).createRkd },
  pkt: { load: async () => (await import('./pkt.ts')).createPkt },
  none: { load: null, needsTeacher: false },
  fusion: { load: null, averagesPredictions: true },
} satisfies Record<string, Entry>;

export type DistillerName = keyof typeof distillers;
export const DISTILLER_NAMES = Object.keys(distillers) as DistillerName[];
export const DEFAULT_DISTILLER: DistillerName = 'cmcrd';

export function traitsOf(name: DistillerName): DistillerTraits {
  const entry: Entry = distillers[name];
  return { ...DEFAULT_TRAITS, ...entry };
}

/** The distillers that read an option. */
export function distillersReading(option: keyof DistillerOptions): DistillerName[] {
  return DISTILLER_NAMES.filter((name) => traitsOf(name).options.includes(option));
}

/** A distiller with its options, as a run's configuration holds them. */
export const distillerSchema = z
  .strictObject({ name: z.enum(DISTILLER_NAMES).default(DEFAULT_DISTILLER), ...distillerOptionsSchema.shape })
  .superRefine(({ name, form, guidanceSets }, context) => {
    if (!traitsOf(name).options.includes('form') || form !== 'ratio' || guidanceSets) return;
    context.addIssue({
      code: 'custom',
      path: ['form'],
      message: 'the form ratio is about the guidance sets, without which it is 0; keep them',
    });
  });
export type DistillerConfig = z.infer<typeof distillerSchema>;

/** Null where there is no distillation loss. Throws what the distiller refuses. */
export async function createDistiller(name: DistillerName, context: DistillerContext): Promise<Distiller | null> {
  const { load }: Entry = distillers[name];
  return load === null ? null : (await load())(context);
}
