/**
 * The accuracies of Kan et al. 2026, "CMCRD: Cross-modal contrastive representation distillation for emotion recognition"
 * (IEEE Transactions on Affective Computing), printed beside ours. The paper's "EEG only" is `eye-to-eeg` without a
 * distiller here, and its "EEG-guided EM" is `eeg-to-eye` with CMCRD.
 */
import type { RunConfig } from './config.ts';

const DATASETS = ['seed', 'seed-iv', 'seed-v'] as const;
type PublishedDataset = (typeof DATASETS)[number];

/** A cell of the paper's tables. */
export interface PublishedCell extends Pick<RunConfig, 'direction' | 'protocol' | 'backbone'> {
  readonly dataset: PublishedDataset;
  readonly distiller: RunConfig['distiller']['name'];
}

/** Percent, of DNN, DGCNN and BiHDM. */
const COLUMNS: readonly string[] = ['dnn', 'dgcnn', 'bihdm'];
type Rows = Record<PublishedDataset, readonly [dnn: number, dgcnn: number, bihdm: number]>;

const TABLES: readonly (Omit<PublishedCell, 'dataset' | 'backbone'> & { readonly rows: Rows })[] = [
  {
    direction: 'eye-to-eeg',
    distiller: 'cmcrd',
    protocol: 'within',
    rows: { seed: [82.88, 90.27, 90.29], 'seed-iv': [68.17, 72.01, 75.25], 'seed-v': [77.66, 74.99, 74.14] },
  },
  {
    direction: 'eye-to-eeg',
    distiller: 'cmcrd',
    protocol: 'cross',
    rows: { seed: [78.38, 80.41, 85.81], 'seed-iv': [60.08, 62.04, 69.92], 'seed-v': [52.64, 56.43, 61.87] },
  },
  {
    direction: 'eye-to-eeg',
    distiller: 'none',
    protocol: 'within',
    rows: { seed: [78.9, 85.34, 88.34], 'seed-iv': [63.87, 68.45, 72.79], 'seed-v': [63.87, 63.68, 65.64] },
  },
  {
    direction: 'eye-to-eeg',
    distiller: 'none',
    protocol: 'cross',
    rows: { seed: [74.12, 77.49, 81.51], 'seed-iv': [54.09, 55.48, 68.33], 'seed-v': [45.86, 47.69, 57.14] },
  },
  {
    direction: 'eeg-to-eye',
    distiller: 'cmcrd',
    protocol: 'within',
    rows: { seed: [80.63, 84.22, 83.24], 'seed-iv': [72.3, 69.13, 70.7], 'seed-v': [61.76, 63.35, 65.16] },
  },
  {
    direction: 'eeg-to-eye',
    distiller: 'cmcrd',
    protocol: 'cross',
    rows: { seed: [69.82, 72.83, 77.87], 'seed-iv': [72.34, 64.17, 67.39], 'seed-v': [66.38, 58.79, 69.47] },
  },
];

/** The published accuracy in percent, or null where none is known. */
export function publishedAccuracy(cell: PublishedCell): number | null {
  const table = TABLES.find(
    ({ direction, distiller, protocol }) =>
      direction === cell.direction && distiller === cell.distiller && protocol === cell.protocol,
  );
  const column = COLUMNS.indexOf(cell.backbone);
  return table?.rows[cell.dataset][column] ?? null;
}
