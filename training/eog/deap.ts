/**
 * DEAP (Koelstra et al. 2012, "DEAP: a database for emotion analysis using physiological signals"): a user's own copy
 * of its `data_preprocessed_python`, a file of 40 trials for each subject. Reads the 32 electrodes, hEOG and vEOG;
 * windows start after the 3 s of baseline; a rating above 5 on the scale from 1 to 9 is high.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AffectEdgeError } from '../../src/errors.ts';
import { readPickle } from '../../src/formats/arrays/pickle.ts';
import { numbersOf, PickledArray } from '../../src/formats/arrays/pickled-array.ts';
import { EOG_CHANNELS, EOG_RATE_HZ } from '../../src/preprocess/eog/config.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { TARGETS } from './config.ts';
import { BASELINE_S, cutWindows } from './cut.ts';
import { DEAP_EEG, type EogData, type EogTrial } from './recordings.ts';

const FILE = /^s(\d\d)\.dat$/i;
/** Ratings, in the order of a row of `labels`: valence, arousal, dominance, liking. */
const RATINGS = 4;
const SCALE = [1, 9] as const;
const THRESHOLD = 5;
/** EEG, hEOG and vEOG, then six peripheral channels. */
const CHANNELS = 40;
/** A subject's file has 103 MB. */
const LARGEST_BYTES = 256e6;

/**
 * Reads all sNN.dat of a folder, or one of them.
 * Throws FILE_NOT_FOUND where there is none, FILE_INVALID for another kind of file, DATA_INVALID for other shapes and for
 * values that are not finite or not ratings.
 */
export async function readDeap(path: string): Promise<EogData> {
  const files = await filesOf(path);
  const trials: EogTrial[] = [];
  let leftOut = 0;
  for (const { file, subject } of files) {
    const { size } = await stat(file);
    if (size > LARGEST_BYTES) {
      throw new AffectEdgeError(
        'FILE_INVALID',
        `${file} has ${size} bytes, and DEAP's have 103 million; give its data_preprocessed_python folder`,
      );
    }
    const own = deapTrials(await readFile(file), file, subject);
    trials.push(...own.trials);
    leftOut += own.leftOut;
  }
  return {
    description: `DEAP, preprocessed (Koelstra et al. 2012): subjects ${files.map(({ subject }) => subject).join(', ')}`,
    simulation: null,
    trials,
    leftOut,
  };
}

async function filesOf(path: string): Promise<{ file: string; subject: number }[]> {
  let names: string[] | null;
  try {
    names = (await stat(path)).isDirectory() ? await readdir(path) : null;
  } catch (cause) {
    throw new AffectEdgeError('FILE_NOT_FOUND', `${path} is not there; give DEAP's data_preprocessed_python folder`, {
      cause,
    });
  }
  const found = (names ?? [basename(path)]).flatMap((name) => {
    const subject = FILE.exec(name)?.[1];
    return subject === undefined ? [] : [{ file: names === null ? path : join(path, name), subject: Number(subject) }];
  });
  if (found.length === 0) {
    throw new AffectEdgeError(
      'FILE_NOT_FOUND',
      `${path} holds no s01.dat to s32.dat; give DEAP's data_preprocessed_python folder`,
    );
  }
  return found.sort((a, b) => a.subject - b.subject);
}

/**
 * Trials of one subject's file: {data: [trials, 40, samples] at 128 Hz in uV, labels: [trials, 4]}. Throws as
 * `readDeap`.
 */
export function deapTrials(bytes: Uint8Array, path: string, subject: number): Pick<EogData, 'trials' | 'leftOut'> {
  const content = readPickle(bytes, path);
  const invalid = (problem: string) => new AffectEdgeError('DATA_INVALID', `${path}: ${problem}`);
  const array = (key: string): PickledArray => {
    const value = content instanceof Map ? content.get(key) : undefined;
    if (value instanceof PickledArray) return value;
    throw invalid(`holds no array "${key}", as DEAP's files do; give one of data_preprocessed_python`);
  };
  const [data, labels] = [array('data'), array('labels')];
  const [trials, channels, samples] = data.shape as [number, number, number];
  const least = BASELINE_S * EOG_RATE_HZ + 1;
  if (data.shape.length !== 3 || trials === 0 || channels !== CHANNELS || samples < least) {
    throw invalid(
      `data has shape (${data.shape.join(', ')}), expected (trials, ${CHANNELS}, at least ${least}); DEAP's is (40, 40, 8064)`,
    );
  }
  if (labels.shape.length !== 2 || labels.shape[0] !== trials || labels.shape[1] !== RATINGS) {
    throw invalid(`labels has shape (${labels.shape.join(', ')}), expected (${trials}, ${RATINGS})`);
  }
  const ratings = numbersOf(labels, 0, trials * RATINGS);
  const signals = (trial: number, from: number, count: number): Float32Array => {
    const values = new Float32Array(count * samples);
    for (let c = 0; c < count; c++) {
      const start = (trial * CHANNELS + from + c) * samples;
      const channel = numbersOf(data, start, start + samples);
      const bad = channel.findIndex((value) => !Number.isFinite(Math.fround(value)));
      if (bad >= 0) {
        throw invalid(`trial ${trial}, channel ${from + c}, sample ${bad} is ${channel[bad]}, no signal in uV`);
      }
      values.set(channel, c * samples);
    }
    return values;
  };
  // Each trial is a stream of its own: the preprocessed files have no signal between trials.
  const info: StreamInfo = {
    deviceId: basename(path),
    modality: 'eog',
    channels: EOG_CHANNELS.map((label) => ({ label, unit: 'uV' })),
    sampleRateHz: EOG_RATE_HZ,
    simulated: false,
  };
  let leftOut = 0;
  const read = Array.from({ length: trials }, (_, trial): EogTrial => {
    const high = TARGETS.map((target, t) => {
      const rating = ratings[trial * RATINGS + t]!;
      if (rating >= SCALE[0] && rating <= SCALE[1]) return [target, rating > THRESHOLD];
      throw invalid(`trial ${trial} has ${target} ${rating}, expected ${SCALE.join(' to ')}`);
    });
    const [cut] = cutWindows(
      {
        info,
        eog: signals(trial, DEAP_EEG.length, EOG_CHANNELS.length),
        eeg: signals(trial, 0, DEAP_EEG.length),
      },
      [[BASELINE_S, samples / EOG_RATE_HZ]],
    );
    leftOut += cut!.leftOut;
    return {
      subject,
      number: trial,
      windows: cut!.windows,
      high: Object.fromEntries(high) as EogTrial['high'],
    };
  });
  return { trials: read, leftOut };
}
