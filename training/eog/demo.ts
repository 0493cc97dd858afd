/** The demo bundle of EOG, trained on simulated data: the same bytes every time on the same backend. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { type LiveTrial, tryLive } from '../evaluation/try-live.ts';
import type { LiveFigures } from '../export/card.ts';
import { type HeldSubjects, splitSubjects } from '../export/held-out.ts';
import type { DemoBuild } from '../export/student-bundle.ts';
import { type EogConfig, eogConfigSchema } from './config.ts';
import { exportEogBundle } from './export.ts';
import { SIZES, type SizeName } from './network/size.ts';
import { type SimulatedEogOptions, simulateEog } from './simulated.ts';
import { disposeEogPair, trainEogPair } from './train-pair.ts';

export interface EogDemo {
  readonly system: 'eog-feedback';
  readonly id: string;
  readonly data: SimulatedEogOptions;
  readonly held: HeldSubjects;
  readonly size: SizeName;
  readonly config: EogConfig;
  /** Several simulated people: results differ more between people than between sampling rates. */
  readonly live: readonly LiveTrial[];
}

/** Small networks and few epochs, with the slowest kind of feedback: some minutes on two cores. */
export const EOG_DEMO: EogDemo = {
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

/** Trains on the simulated data and writes the bundle to `folder`. */
export async function buildEogDemo(
  demo: EogDemo,
  folder: string,
  { codeVersion, backend, log }: DemoBuild,
): Promise<void> {
  const { id, config, held } = demo;
  const [seed] = config.seeds as [number, ...number[]];
  await makeFolder(folder);
  const data = simulateEog(demo.data);
  const { sideOf, description } = splitSubjects(demo.data.subjects, held);
  const trialsOf = (side: ReturnType<typeof sideOf>) =>
    data.trials.filter(({ subject, windows }) => sideOf(subject) === side && windows.length > 0);
  const split = { train: trialsOf('train'), validation: trialsOf('validation') };
  log(`${id}: training on ${split.train.length} trials`);
  const pair = await trainEogPair(
    { config, split, size: SIZES[demo.size], keys: [seed] },
    {
      onEpoch({ epoch, validationLoss }) {
        log(`${id}: epoch ${epoch}: validation cross-entropy ${validationLoss.toFixed(4)}`);
      },
    },
  );
  await exportEogBundle({
    ...{ folder, pair, config, data, seed, backend, codeVersion },
    validation: split.validation,
    test: trialsOf('test'),
    split: description,
    async tryLive() {
      const tried: LiveFigures[] = [];
      for (const trial of demo.live) tried.push(...(await tryLive(folder, trial, demo.data.preset, log)));
      return tried;
    },
  }).finally(() => disposeEogPair(pair));
}
