/** The preprocessing of a table that does not state it. */
import { AffectEdgeError } from '../../src/errors.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import type { PairedTable, TableMeta } from './paired-table.ts';

/** The block of `meta.json` for each modality. */
export const BLOCK = { eeg: 'preprocess', eye: 'eye_preprocess' } as const;

/** The default settings with the bands, the methods and the number of features that the table states. */
export function defaultPreprocess({
  meta,
  eye,
}: PairedTable): Required<Pick<TableMeta, 'preprocess' | 'eye_preprocess'>> {
  const { montage, bands, method, eye_method } = meta;
  return {
    preprocess: eegPreprocessConfigSchema.parse({ montage, bands, method }),
    eye_preprocess: eyePreprocessConfigSchema.parse({ method: eye_method, features: eye.width }),
  };
}

/** Adds the default block of the modality to the table. Throws CONFIG_INVALID where the table has its own. */
export function withDefaultPreprocess(table: PairedTable, modality: keyof typeof BLOCK): PairedTable {
  const block = BLOCK[modality];
  if (table.meta[block] !== undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--preprocess default: the table states its own preprocessing ("${block}" in meta.json): leave the flag out`,
    );
  }
  return { ...table, meta: { ...table.meta, [block]: defaultPreprocess(table)[block] } };
}
