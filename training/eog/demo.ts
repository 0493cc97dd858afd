/** Makes the demo bundle of EOG from simulated data: the same bytes every time on the same backend. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { type LiveTrial, tryLive } from '../evaluation/try-live.ts';
import type { LiveFigures } from '../export/card.ts';
import { type EogConfig, eogConfigSchema } from './config.ts';
import { exportEogBundle } from './export.ts';
import { SIZES, type SizeName } from './network/size.ts';
import { type SimulatedEogOptions, simulateEog } from './simulated.ts';
import { disposeEogPair, trainEogPair } from './train-pair.ts';

export interface EogModelSpec {
  readonly system: 'eog-feedback';
  readonly id: string;
  readonly data: SimulatedEogOptions;
  /** The last subjects are only reported on; those before them choose the epoch and the temperature. */
  readonly held: { readonly validation: number; readonly test: number };
  readonly size: SizeName;
  readonly config: EogConfig;
  /** Of several people: they differ more than rates do. */
  readonly live: readonly LiveTrial[];
}

/** Small networks and few epochs: some minutes on two cores, with the feedback that costs most. */
export const EOG_DEMO: EogModelSpec = {
  system: 'eog-feedback',
  id: 'demo-eog2-valence',
  data: { preset: 'demo', seed: 5000, subjects: 16, trials: 12, trialS: 24 },
  held: { validation: 3, test: 3 },
  size: 'quick',
  config: eogConfigSchema.parse({
    target: 'valence',
    protocol: 'subject',
    seeds: [2022],
    batch: 16,
    epochs: 12,
    patience: 6,
    warmupEpochs: 2,
    learningRate: 2e-3,
    teacherLearningRate: 2e-3,
  }),
  live: [900_001, 900_002, 900_003].map((seed) => ({ ratesHz: [250], minutes: 10, seed })),
};

interface Building {
  readonly codeVersion: string;
  readonly backend: string;
  readonly log: (line: string) => void;
}

export async function buildEogModel(
  spec: EogModelSpec,
  folder: string,
  { codeVersion, backend, log }: Building,
): Promise<void> {
  const { id, config, held } = spec;
  const [seed] = config.seeds as [number, ...number[]];
  await makeFolder(folder);
  const data = simulateEog(spec.data);
  const { subjects } = spec.data;
  const [validationFrom, testFrom] = [subjects - held.validation - held.test, subjects - held.test];
  const between = (from: number, to: number) =>
    data.trials.filter(({ subject, windows }) => subject >= from && subject < to && windows.length > 0);
  const split = { train: between(0, validationFrom), validation: between(validationFrom, testFrom) };
  log(`${id}: training on ${split.train.length} trials`);
  const pair = await trainEogPair(
    { config, split, size: SIZES[spec.size], keys: [seed] },
    {
      onEpoch({ epoch, validationLoss }) {
        log(`${id}: epoch ${epoch}: validation cross-entropy ${validationLoss.toFixed(4)}`);
      },
    },
  );
  await exportEogBundle({
    ...{ folder, pair, config, data, seed, backend, codeVersion },
    validation: split.validation,
    test: between(testFrom, subjects),
    split: `subjects 0 to ${validationFrom - 1} train, ${validationFrom} to ${testFrom - 1} validate, ${testFrom} to ${subjects - 1} test`,
    async tryLive() {
      const tried: LiveFigures[] = [];
      for (const trial of spec.live) tried.push(...(await tryLive(folder, trial, spec.data.preset, log)));
      return tried;
    },
  }).finally(() => disposeEogPair(pair));
}
