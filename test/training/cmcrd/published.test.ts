import { describe, expect, it } from 'vitest';
import { BACKBONE_NAMES } from '../../../training/backbones/index.ts';
import { DIRECTIONS, PROTOCOLS } from '../../../training/cmcrd/config.ts';
import { type PublishedCell, publishedAccuracy } from '../../../training/cmcrd/published.ts';
import { DISTILLER_NAMES } from '../../../training/distillers/index.ts';

const DATASETS = ['seed', 'seed-iv', 'seed-v'] as const;

const cells: PublishedCell[] = DATASETS.flatMap((dataset) =>
  DIRECTIONS.flatMap((direction) =>
    PROTOCOLS.flatMap((protocol) =>
      BACKBONE_NAMES.flatMap((backbone) =>
        DISTILLER_NAMES.map((distiller) => ({ dataset, direction, protocol, backbone, distiller })),
      ),
    ),
  ),
);

describe('published accuracies', () => {
  it.each<[number | null, PublishedCell]>([
    [82.88, { dataset: 'seed', direction: 'eye-to-eeg', protocol: 'within', backbone: 'dnn', distiller: 'cmcrd' }],
    [61.87, { dataset: 'seed-v', direction: 'eye-to-eeg', protocol: 'cross', backbone: 'bihdm', distiller: 'cmcrd' }],
    [68.45, { dataset: 'seed-iv', direction: 'eye-to-eeg', protocol: 'within', backbone: 'dgcnn', distiller: 'none' }],
    [45.86, { dataset: 'seed-v', direction: 'eye-to-eeg', protocol: 'cross', backbone: 'dnn', distiller: 'none' }],
    [70.7, { dataset: 'seed-iv', direction: 'eeg-to-eye', protocol: 'within', backbone: 'bihdm', distiller: 'cmcrd' }],
    [66.38, { dataset: 'seed-v', direction: 'eeg-to-eye', protocol: 'cross', backbone: 'dnn', distiller: 'cmcrd' }],
    [null, { dataset: 'seed', direction: 'eeg-to-eye', protocol: 'within', backbone: 'dnn', distiller: 'none' }],
  ])('%s %o', (accuracy, cell) => {
    expect(publishedAccuracy(cell)).toBe(accuracy);
  });

  it('are three data sets by three backbones in two protocols, of CMCRD both ways and of EEG alone', () => {
    const known = cells.filter((cell) => publishedAccuracy(cell) !== null);
    expect(known).toHaveLength(3 * 3 * 2 * 3);
    for (const cell of known) expect(['cmcrd', 'none']).toContain(cell.distiller);
  });

  it('put CMCRD above EEG alone in every cell', () => {
    for (const cell of cells.filter(
      ({ direction, distiller }) => direction === 'eye-to-eeg' && distiller === 'cmcrd',
    )) {
      expect(publishedAccuracy(cell)).toBeGreaterThan(publishedAccuracy({ ...cell, distiller: 'none' })!);
    }
  });
});
