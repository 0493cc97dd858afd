/** The demo bundles of EEG and eye movement, trained on simulated data: the same bytes every time on the same backend. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { CYTON8, EEG62 } from '../../src/montage.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { type SimulatedConfig, simulatedTable } from '../datasets/simulated.ts';
import { type LiveTrial, tryLive } from '../evaluation/try-live.ts';
import { type HeldSubjects, splitSubjects } from '../export/held-out.ts';
import type { DemoBuild } from '../export/student-bundle.ts';
import { type RunConfig, runConfigSchema } from './config.ts';
import { exportBundle } from './export.ts';
import { disposePair, trainPair } from './train-pair.ts';

export interface CmcrdDemo {
  readonly system: 'cmcrd';
  readonly id: string;
  readonly data: Omit<SimulatedConfig, 'preprocess'>;
  readonly badChannels: EegPreprocessConfig['bad_channels'];
  readonly held: HeldSubjects;
  readonly config: RunConfig;
  /** Where the finished bundle is tried. */
  readonly live: LiveTrial;
}

const EEG62_DEMO: CmcrdDemo = {
  system: 'cmcrd',
  id: 'demo-eeg62-cmcrd',
  data: { preset: 'demo', montage: EEG62, sampleRateHz: 250, seed: 1000, subjects: 18, trials: 12, trialS: 24 },
  badChannels: 'interpolate',
  held: { validation: 3, test: 3 },
  config: runConfigSchema.parse({ direction: 'eye-to-eeg', protocol: 'cross', seeds: [2022] }),
  live: { ratesHz: [250, 1000], minutes: 10, seed: 900_001 },
};

export const CMCRD_DEMOS: readonly CmcrdDemo[] = [
  EEG62_DEMO,
  {
    ...EEG62_DEMO,
    id: 'demo-cyton8-cmcrd',
    data: { ...EEG62_DEMO.data, montage: CYTON8 },
    // 8 electrodes are too far apart for interpolation.
    badChannels: 'flag',
    live: { ...EEG62_DEMO.live, ratesHz: [250] },
  },
  {
    ...EEG62_DEMO,
    id: 'demo-eye33-cmcrd',
    // The sampling rate affects event detection; training on every common rate makes the model robust to it.
    data: { ...EEG62_DEMO.data, trackerRatesHz: [60, 120, 250] },
    config: runConfigSchema.parse({ direction: 'eeg-to-eye', protocol: 'cross', seeds: [2022] }),
    live: { ...EEG62_DEMO.live, ratesHz: [60, 120, 250] },
  },
];

/** Trains on the simulated data and writes the bundle to `folder`. */
export async function buildCmcrdDemo(
  demo: CmcrdDemo,
  folder: string,
  { codeVersion, backend, log }: DemoBuild,
): Promise<void> {
  const { id, config, held } = demo;
  await makeFolder(folder);
  const preprocess = eegPreprocessConfigSchema.parse({
    montage: [...demo.data.montage],
    bad_channels: demo.badChannels,
  });
  const table = simulatedTable({ ...demo.data, preprocess }, ({ done, total, rows }) =>
    log(`${id}: simulated session ${done}/${total}, ${rows} windows so far`),
  );
  const { sideOf, description } = splitSubjects(demo.data.subjects, held);
  const { subjects } = table.eeg;
  const rowsOf = (side: ReturnType<typeof sideOf>) =>
    Int32Array.from([...subjects.keys()].filter((row) => sideOf(subjects[row]!) === side));
  const rows = { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') };
  log(`${id}: training on ${rows.train.length} windows`);
  const pair = await trainPair(
    { config, table, rows, keys: [...config.seeds] },
    {
      onEpoch({ role, epoch, validationLoss }) {
        log(`${id}: ${role}, epoch ${epoch}: validation cross-entropy ${validationLoss.toFixed(4)}`);
      },
    },
  );
  await exportBundle({
    ...{ folder, student: pair.student, config, table, backend, codeVersion },
    validation: rows.validation,
    test: rows.test,
    seed: config.seeds[0]!,
    split: description,
    tryLive: () => tryLive(folder, demo.live, demo.data.preset, log),
  }).finally(() => disposePair(pair));
}
