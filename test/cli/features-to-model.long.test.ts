/** One definition of the features, from a recording's rows through a table and training to the served model. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/formats/arrays/npy.ts';
import { openRecording } from '../../src/formats/open-recording.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { windowsOf } from '../../src/preprocess/preprocessor.ts';
import { Random } from '../../src/random.ts';
import { runCli } from '../support/cli.ts';

const SECONDS = 96;
const SUBJECTS = [0, 1];
const SCREEN = { screenPx: [1920, 1080], screenMm: [527, 296], distanceMm: 650 } as const;
const SCREEN_FLAGS = ['--screen-px', '1920x1080', '--screen-mm', '527x296', '--distance-mm', '650'];
/** Not the defaults. */
const EEG_FLAGS = ['--notch', '50', '--reference', 'average', '--method', 'filterbank', '--interpolate'];
const EYE_FLAGS = ['--algorithm', 'idt', '--pupil-baseline', '5', ...SCREEN_FLAGS];

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'features-to-model-'));
  for (const subject of SUBJECTS) {
    await writeFile(at(`eeg${subject}.csv`), eegCsv(new Random('eeg', subject)));
    await writeFile(at(`eye${subject}.csv`), gazeCsv(new Random('eye', subject)));
    for (const [kind, flags] of [
      ['eeg', EEG_FLAGS],
      ['eye', EYE_FLAGS],
    ] as const) {
      const { code } = await runCli(
        'features',
        at(`${kind}${subject}.csv`),
        '--hop',
        '4',
        ...flags,
        '--out',
        at(`${kind}${subject}`),
      );
      expect(code).toBe(0);
    }
  }
});

afterAll(() => rm(folder, { recursive: true }));

/** EEG with mains hum, at 250 Hz. */
function eegCsv(random: Random): string {
  const rows = Array.from({ length: SECONDS * 250 }, (_, i) => {
    const hum = 30 * Math.sin((2 * Math.PI * 50 * i) / 250);
    return [
      i / 250,
      ...[0, 1, 2, 3].map((c) => (12 * Math.sin(i / (4 + c)) + hum + 8 * random.normal()).toFixed(3)),
    ].join();
  });
  return ['time_s,C3,C4,O1,O2', ...rows].join('\n');
}

/** Fixations of half a second at three places, at 120 Hz. */
function gazeCsv(random: Random): string {
  const rows = Array.from({ length: SECONDS * 120 }, (_, i) => {
    const x = 400 + 500 * (Math.floor(i / 60) % 3) + 3 * random.normal();
    return [
      i / 120,
      x.toFixed(1),
      (540 + 3 * random.normal()).toFixed(1),
      (3.5 + 0.2 * Math.sin(i / 90)).toFixed(3),
    ].join();
  });
  return ['time_s,x_px,y_px,pupil_left_mm', ...rows].join('\n');
}

const rowsOf = async (name: string) => readNpy(await readFile(at(name, 'features.npy')), name);
const metaOf = async (name: string) => JSON.parse(await readFile(at(name, 'meta.json'), 'utf8'));

/** Puts the rows of all recordings together, as docs/training.md shows. */
async function writeTable(name: string, blocks: object): Promise<void> {
  const windows = SECONDS / 4;
  const column = (value: (i: number) => number) =>
    Int32Array.from({ length: SUBJECTS.length * windows }, (_, i) => value(i));
  const trial = (i: number) => Math.floor((i % windows) / 3);
  const columns = {
    label: column((i) => trial(i) % 2),
    subject: column((i) => Math.floor(i / windows)),
    session: column(() => 0),
    trial: column(trial),
  };
  const meta = await metaOf('eeg0');
  await mkdir(at(name));
  for (const kind of ['eeg', 'eye']) {
    const parts = await Promise.all(SUBJECTS.map((subject) => rowsOf(`${kind}${subject}`)));
    const data = Float32Array.from(parts.flatMap((part) => Array.from(part.data, Number)));
    await writeFile(
      at(name, `${kind}.npy`),
      writeNpy({ shape: [SUBJECTS.length * windows, parts[0]!.shape[1]!], data }),
    );
  }
  for (const [key, data] of Object.entries(columns)) {
    await writeFile(at(name, `${key}.npy`), writeNpy({ shape: [data.length], data }));
  }
  await writeFile(
    at(name, 'meta.json'),
    JSON.stringify({
      schema: 'feature-table/1',
      montage: meta.channels,
      bands: meta.preprocess.bands,
      method: meta.preprocess.method,
      eye_method: 'causal-30s',
      smoothing: 'none',
      causal: true,
      simulated: true,
      classes: ['low', 'high'],
      trials_per_session: 8,
      within_train_trials: 6,
      ...blocks,
    }),
  );
}

const train = (table: string, direction: string, model: string, ...more: string[]) =>
  runCli(
    ...[
      'train',
      '--data',
      at(table),
      '--direction',
      direction,
      '--protocol',
      'within',
      '--seeds',
      '1',
      '--epochs',
      '1',
    ],
    ...['--teacher-epochs', '1', '--batch', '4', '--out', at(`run-${model}`), '--export', at(model), ...more],
  );

describe('a model of a table that states its preprocessing', () => {
  beforeAll(async () => {
    await writeTable('stated', {
      preprocess: (await metaOf('eeg0')).preprocess,
      eye_preprocess: (await metaOf('eye0')).preprocess,
    });
  });

  it.each([
    ['eeg', 'eye-to-eeg'],
    ['eye', 'eeg-to-eye'],
  ] as const)('computes the same features live: %s', async (kind, direction) => {
    const model = `model-${kind}`;
    const { code, lines } = await train('stated', direction, model);
    expect([code, lines.at(-1)]).toMatchObject([0, { event: 'result' }]);
    const { preprocess } = await metaOf(`${kind}0`);
    const bundle = await loadBundle(at(model));
    const montage = kind === 'eeg' ? { montage: ['C3', 'C4', 'O1', 'O2'] } : {};
    expect(bundle.manifest.preprocess).toEqual({ ...preprocess, ...montage });
    const recording = await openRecording(at(`${kind}1.csv`), kind === 'eye' ? SCREEN : {});
    const preprocessor = bundle.createPreprocessor(recording.info);
    const outputs = [...recording.blocks(13)].flatMap((block) => preprocessor.push(block));
    const live = windowsOf([...outputs, ...preprocessor.flush()]).map(({ values }) => values);
    await bundle.close();
    const { data, shape } = await rowsOf(`${kind}1`);
    expect([live.length, live[0]!.length]).toEqual(shape);
    expect(Float32Array.from(live.flatMap((row) => [...row]))).toEqual(data);
  });
});

describe('a table that does not state its preprocessing', () => {
  beforeAll(() => writeTable('unstated', {}));

  it('is refused with the way out', async () => {
    const { code, lines } = await train('unstated', 'eye-to-eeg', 'refused');
    expect([code, lines]).toMatchObject([
      3,
      [
        {
          code: 'DATA_INVALID',
          message: expect.stringMatching(/--preprocess default if they were made with \{.*"notch_hz":null/),
        },
      ],
    ]);
  });

  it('is exported with the default one on request, which the bundle says', async () => {
    const { code } = await train('unstated', 'eye-to-eeg', 'assumed', '--preprocess', 'default');
    expect(code).toBe(0);
    const manifest = JSON.parse(await readFile(at('assumed', 'manifest.json'), 'utf8'));
    expect(manifest.preprocess).toMatchObject({ notch_hz: null, reference: 'none' });
    expect(manifest.training.data).toMatch(/does not state its preprocessing, and the default one was assumed$/);
  });
});
