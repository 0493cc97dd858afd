/** The distillers by name: a new one is its own file and a line here. Each is loaded when it is asked for. */
import type { Distiller, DistillerContext } from './distiller.ts';

type CreateDistiller = (context: DistillerContext) => Distiller;

const distillers = {
  cmcrd: async () => (await import('./cmcrd.ts')).createCmcrd,
  crd: async () => (await import('./crd.ts')).createCrd,
  kd: async () => (await import('./kd.ts')).createKd,
  fitnet: async () => (await import('./fitnet.ts')).createFitnet,
  nst: async () => (await import('./nst.ts')).createNst,
  sp: async () => (await import('./sp.ts')).createSp,
  rkd: async () => (await import('./rkd.ts')).createRkd,
  pkt: async () => (await import('./pkt.ts')).createPkt,
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
