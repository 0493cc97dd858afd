/** The backbones by name: a new one is its own file and a line here. */
import type { Random } from '../../src/simulation/random.ts';
import type { Backbone, RowLayout } from './backbone.ts';
import { createBihdm } from './bihdm.ts';
import { createDgcnn } from './dgcnn.ts';
import { createDnn } from './dnn.ts';

type CreateBackbone = (layout: RowLayout, classes: number, random: Random) => Backbone;

const backbones = {
  dnn: (layout, classes, random) => createDnn(rowWidth(layout), classes, random),
  dgcnn: createDgcnn,
  bihdm: createBihdm,
} satisfies Record<string, CreateBackbone>;

export type BackboneName = keyof typeof backbones;
export const BACKBONE_NAMES = Object.keys(backbones) as BackboneName[];

/** @throws AffectEdgeError DATA_INVALID where the backbone cannot read such rows */
export function createBackbone(name: BackboneName, layout: RowLayout, classes: number, random: Random): Backbone {
  return backbones[name](layout, classes, random);
}

function rowWidth(layout: RowLayout): number {
  return 'montage' in layout ? layout.montage.length * layout.bands : layout.features;
}
