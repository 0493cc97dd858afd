/** Makes the demo bundles from simulated data: the same bytes every time on the same backend. */
import { join } from 'node:path';
import { makeFolder } from '../src/formats/write-file.ts';
import { CYTON8, EEG62 } from '../src/montage.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from '../src/preprocess/eeg/config.ts';
import { type RunConfig, runConfigSchema } from './cmcrd/config.ts';
import { exportBundle } from './cmcrd/export.ts';
import { disposePair, trainPair } from './cmcrd/train-pair.ts';
import { type SimulatedConfig, simulatedTable } from './datasets/simulated.ts';
import { buildEogModel, EOG_DEMO, type EogModelSpec } from './eog/demo.ts';
import { type LiveTrial, tryLive } from './evaluation/try-live.ts';
import { startBackend } from './tf/backend.ts';

export interface ModelSpec {
  readonly id: string;
  readonly data: Omit<SimulatedConfig, 'preprocess'>;
  readonly badChannels: EegPreprocessConfig['bad_channels'];
  /** The last subjects are only reported on; those before them choose the epoch and the temperature. */
  readonly held: { readonly validation: number; readonly test: number };
  readonly config: RunConfig;
  /** Where the finished bundle is tried: rates, and how long. */
  readonly live: LiveTrial;
}

const DEMO: Omit<ModelSpec, 'id'> = {
  data: { preset: 'demo', montage: EEG62, sampleRateHz: 250, seed: 1000, subjects: 18, trials: 12, trialS: 24 },
  // 62 electrodes can replace a few; 8 lie too far apart for that.
  badChannels: 'interpolate',
  held: { validation: 3, test: 3 },
  config: runConfigSchema.parse({ direction: 'eye-to-eeg', protocol: 'cross', seeds: [2022] }),
  live: { ratesHz: [250, 1000], minutes: 10, seed: 900_001 },
};

const DEMO_MODELS: readonly (ModelSpec | EogModelSpec)[] = [
  { ...DEMO, id: 'demo-eeg62-cmcrd' },
  {
    ...DEMO,
    id: 'demo-cyton8-cmcrd',
    data: { ...DEMO.data, montage: CYTON8 },
    badChannels: 'flag',
    live: { ...DEMO.live, ratesHz: [250] },
  },
  {
    ...DEMO,
    id: 'demo-eye33-cmcrd',
    // A tracker's rate leaves its mark on events: people of every common one teach the model to look past it.
    data: { ...DEMO.data, trackerRatesHz: [60, 120, 250] },
    config: runConfigSchema.parse({ direction: 'eeg-to-eye', protocol: 'cross', seeds: [2022] }),
    live: { ...DEMO.live, ratesHz: [60, 120, 250] },
  },
  EOG_DEMO,
];

export interface BuildOptions {
  /** The folder that gets a folder per bundle. */
  readonly out: string;
  readonly codeVersion: string;
  readonly log: (line: string) => void;
  readonly specs?: readonly (ModelSpec | EogModelSpec)[];
}

/** Gives the bundles' folders. */
export async function buildModels({ out, codeVersion, log, specs = DEMO_MODELS }: BuildOptions): Promise<string[]> {
  const backend = await startBackend();
  for (const { name, reason } of backend.refused) log(`backend ${name} is not used: ${reason}`);
  log(`backend ${backend.name}`);
  const building = { codeVersion, backend: backend.name, log };
  for (const spec of specs) {
    const folder = join(out, spec.id);
    if ('system' in spec) await buildEogModel(spec, folder, building);
    else await buildModel(spec, folder, building);
  }
  return specs.map(({ id }) => join(out, id));
}

async function buildModel(
  spec: ModelSpec,
  folder: string,
  { codeVersion, backend, log }: { codeVersion: string; backend: string; log: (line: string) => void },
): Promise<void> {
  const { id, config, held } = spec;
  await makeFolder(folder);
  const preprocess = eegPreprocessConfigSchema.parse({
    montage: [...spec.data.montage],
    bad_channels: spec.badChannels,
  });
  const table = simulatedTable({ ...spec.data, preprocess }, ({ done, total, rows }) =>
    log(`${id}: simulated session ${done}/${total}, ${rows} windows so far`),
  );
  const validationFrom = spec.data.subjects - held.validation - held.test;
  const testFrom = spec.data.subjects - held.test;
  const between = (from: number, to: number) =>
    Int32Array.from(
      [...table.eeg.subjects.keys()].filter((row) => {
        const subject = table.eeg.subjects[row]!;
        return subject >= from && subject < to;
      }),
    );
  const rows = {
    train: between(0, validationFrom),
    validation: between(validationFrom, testFrom),
    test: between(testFrom, spec.data.subjects),
  };
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
    folder,
    student: pair.student,
    config,
    table,
    validation: rows.validation,
    test: rows.test,
    seed: config.seeds[0]!,
    split: `subjects 0 to ${validationFrom - 1} train, ${validationFrom} to ${testFrom - 1} validate, ${testFrom} to ${spec.data.subjects - 1} test`,
    backend,
    codeVersion,
    tryLive: () => tryLive(folder, spec.live, spec.data.preset, log),
  });
  disposePair(pair);
}
