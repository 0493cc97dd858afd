/** Makes the two demo bundles from simulated data: the same bytes every time on the same backend. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../src/formats/write-file.ts';
import { loadBundle } from '../src/model/bundle.ts';
import type { Manifest } from '../src/model/manifest.ts';
import { CYTON8, EEG62 } from '../src/montage.ts';
import { type PreprocessConfig, preprocessConfigSchema } from '../src/preprocess-config.ts';
import { createEegGenerator } from '../src/simulation/eeg-generator.ts';
import { SIMULATION_VERSION } from '../src/simulation/presets.ts';
import { Random } from '../src/simulation/random.ts';
import { createBackbone } from './backbones/create.ts';
import { startBackend } from './backend.ts';
import { fitTemperature } from './calibrate.ts';
import { type LiveFigures, writeCard } from './card.ts';
import { type SimulatedConfig, simulatedDataset } from './datasets/simulated.ts';
import { type FeatureTable, tableOf } from './datasets/table.ts';
import { evaluate } from './evaluate.ts';
import { exportOnnx } from './export-onnx.ts';
import { makeGolden } from './golden.ts';
import { predictLogits, softmax } from './predict.ts';
import { simulatedAccuracy } from './simulated-accuracy.ts';
import { splitBy } from './split.ts';
import { fitStandardisation, standardise } from './standardise.ts';
import { DEFAULT_TRAIN_CONFIG, type TrainConfig, train } from './train.ts';

export interface ModelSpec {
  readonly id: string;
  readonly data: Omit<SimulatedConfig, 'preprocess'>;
  readonly badChannels: PreprocessConfig['bad_channels'];
  /** Subjects that choose the epoch and temperature, and that are only reported on. */
  readonly held: { readonly validation: number; readonly test: number };
  readonly train: TrainConfig;
  /** Where the finished bundle is tried: rates, and how long. */
  readonly live: { readonly ratesHz: readonly number[]; readonly minutes: number; readonly seed: number };
}

const DEMO: Omit<ModelSpec, 'id'> = {
  data: { preset: 'demo', montage: EEG62, sampleRateHz: 250, seed: 1000, subjects: 18, trials: 12, trialS: 24 },
  // 62 electrodes can replace a few; 8 lie too far apart for that.
  badChannels: 'interpolate',
  held: { validation: 3, test: 3 },
  train: DEFAULT_TRAIN_CONFIG,
  live: { ratesHz: [250, 1000], minutes: 10, seed: 900_001 },
};

const DEMO_MODELS: readonly ModelSpec[] = [
  { ...DEMO, id: 'demo-eeg62' },
  {
    ...DEMO,
    id: 'demo-cyton8',
    data: { ...DEMO.data, montage: CYTON8 },
    badChannels: 'flag',
    live: { ...DEMO.live, ratesHz: [250] },
  },
];

export interface BuildOptions {
  /** The folder that gets a folder per bundle. */
  readonly out: string;
  readonly codeVersion: string;
  readonly log: (line: string) => void;
  readonly specs?: readonly ModelSpec[];
}

/** Gives the bundles' folders. */
export async function buildModels({ out, codeVersion, log, specs = DEMO_MODELS }: BuildOptions): Promise<string[]> {
  const backend = await startBackend();
  for (const { name, reason } of backend.refused) log(`backend ${name} is not used: ${reason}`);
  log(`backend ${backend.name}`);
  const folders: string[] = [];
  for (const spec of specs) {
    const folder = join(out, spec.id);
    await buildModel(spec, folder, { codeVersion, backend: backend.name, log });
    folders.push(folder);
  }
  return folders;
}

async function buildModel(
  spec: ModelSpec,
  folder: string,
  { codeVersion, backend, log }: { codeVersion: string; backend: string; log: (line: string) => void },
): Promise<void> {
  await makeFolder(folder);
  log(`${spec.id}: making feature rows`);
  const montage = [...spec.data.montage];
  const preprocess = preprocessConfigSchema.parse({ montage, bad_channels: spec.badChannels });
  const dataset = simulatedDataset({ ...spec.data, preprocess }, log);
  const split = splitBy('subjects', dataset.table, spec.held, new Random(spec.train.seed, 'split'));
  const standardisation = fitStandardisation(split.train);
  const scaled = (table: FeatureTable) => standardise(table, standardisation);

  log(`${spec.id}: training on ${split.train.labels.length} windows`);
  const { classes } = dataset.table;
  const layout = { montage, bands: dataset.preprocess.bands.length };
  const backbone = await createBackbone('dnn', layout, classes.length, new Random(spec.train.seed, 'weights'));
  const { bestEpoch } = await train(backbone, scaled(split.train), scaled(split.validation), spec.train, log);
  const validationLogits = await predictLogits(backbone, scaled(split.validation));
  const temperature = fitTemperature(validationLogits, split.validation.labels);
  const probabilitiesOf = async (table: FeatureTable) =>
    (await predictLogits(backbone, scaled(table))).map((row) => softmax(row, temperature));
  const metricsOf = async (table: FeatureTable) => evaluate(await probabilitiesOf(table), table.labels);
  const metrics = { validation: await metricsOf(split.validation), test: await metricsOf(split.test) };

  const description = {
    schema: 'model-bundle/1' as const,
    id: spec.id,
    modality: 'eeg' as const,
    montage,
    preprocess: dataset.preprocess,
    classes: [...classes],
    standardisation,
    temperature,
    simulated: true,
    causal: true,
  };
  const onnx = await exportOnnx(backbone, description);
  const manifest: Manifest = {
    ...description,
    ece: metrics.validation.ece,
    onnx_sha256: createHash('sha256').update(onnx).digest('hex'),
    training: {
      data: dataset.description,
      protocol: `${backbone.name}, cross-entropy, AdamW, ${JSON.stringify(spec.train)}; epoch ${bestEpoch} chosen by validation cross-entropy; ${split.description}`,
      seeds: [spec.data.seed, spec.train.seed],
      code_version: codeVersion,
      backend,
      metrics,
      preset: spec.data.preset,
      simulation_version: SIMULATION_VERSION,
    },
  };
  const unseen = createEegGenerator({ ...spec.data, seed: spec.live.seed });
  const golden = await makeGolden(unseen, manifest, (rows) => probabilitiesOf(tableOf(classes, rows)));
  await writeFileAtomic(join(folder, 'model.onnx'), onnx);
  await writeFileAtomic(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  await writeFileAtomic(join(folder, 'golden.json'), `${JSON.stringify(golden)}\n`);

  const bundle = await loadBundle(folder);
  const live: LiveFigures[] = [];
  for (const sampleRateHz of spec.live.ratesHz) {
    const { seed, minutes } = spec.live;
    const figures = await simulatedAccuracy({ bundle, seed, minutes, sampleRateHz, preset: spec.data.preset });
    live.push({ sampleRateHz, seed, minutes, ...figures });
    log(
      `${spec.id} at ${sampleRateHz} Hz: ${figures.all.accuracy} of all windows, ${figures.withinState.accuracy} within a state`,
    );
  }
  await bundle.close();
  await writeFileAtomic(join(folder, 'CARD.md'), writeCard(manifest, live));
}
