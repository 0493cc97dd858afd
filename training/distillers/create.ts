/** The distillers by name: a new one is its own file and a line here. Each is loaded when it is asked for. */
import type { Distiller, DistillerContext } from './distiller.ts';

type CreateDistiller = (context: DistillerContext) => Distiller;

const distillers = {
  cmcrd: async () => (await import('./cmcrd.ts')).createCmcrd,
  none: null,
  /** Both models answer, and the mean of their probabilities counts. */
  fusion: null,
} satisfies Record<string, (() => Promise<CreateDistiller>) | null>;

export type DistillerName = keyof typeof distillers;
export const DISTILLER_NAMES = Object.keys(distillers) as DistillerName[];

/** Null where the student learns from the labels alone. */
export async function createDistiller(name: DistillerName, context: DistillerContext): Promise<Distiller | null> {
  const load: (() => Promise<CreateDistiller>) | null = distillers[name];
  return load === null ? null : (await load())(context);
}
