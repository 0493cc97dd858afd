/** The backbones by name: a new one is its own file and a line here. Each is loaded when it is used. */
import type { Random } from '../../src/random.ts';
import type { Backbone, RowLayout } from './backbone.ts';

type CreateBackbone = (layout: RowLayout, classes: number, random: Random) => Backbone;

const backbones = {
  dnn: async () => (await import('./dnn.ts')).createDnn,
  dgcnn: async () => (await import('./dgcnn.ts')).createDgcnn,
  bihdm: async () => (await import('./bihdm.ts')).createBihdm,
} satisfies Record<string, () => Promise<CreateBackbone>>;

export type BackboneName = keyof typeof backbones;
export const BACKBONE_NAMES = Object.keys(backbones) as BackboneName[];

/** Throws DATA_INVALID where the backbone cannot read such rows. */
export async function createBackbone(
  name: BackboneName,
  layout: RowLayout,
  classes: number,
  random: Random,
): Promise<Backbone> {
  const create: CreateBackbone = await backbones[name]();
  return create(layout, classes, random);
}
