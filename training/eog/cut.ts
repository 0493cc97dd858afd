/** Cuts trials into windows: the EOG by the live preprocessing, and the EEG of the same seconds. */
import { decide } from '../../src/preprocess/decide.ts';
import { EOG_RATE_HZ, type EogPreprocessConfig, eogPreprocessConfigSchema } from '../../src/preprocess/eog/config.ts';
import { createEogPreprocessor } from '../../src/preprocess/eog/preprocessor.ts';
import type { FeatureWindow } from '../../src/preprocess/feature-window.ts';
import { windowsOf } from '../../src/preprocess/preprocessor.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { DEAP_EEG, type Signals } from './recordings.ts';

/** Preprocessing in training and serving. */
export const EOG_PREPROCESS: EogPreprocessConfig = eogPreprocessConfigSchema.parse({});

/** DEAP's baseline before a trial: filters settle on it, and no window includes it. */
export const BASELINE_S = 3;

/** A recording from a stream's start. */
interface Recorded {
  /** Of the EOG, which is raw and at any sampling rate. */
  readonly info: StreamInfo;
  /** Channel-major, as `info` names the channels. */
  readonly eog: Float32Array;
  /** Channel-major [32 * samples], filtered, at 128 Hz. */
  readonly eeg: Float32Array;
}

/** Whole seconds, [from, to). */
export type Span = readonly [fromS: number, toS: number];

interface Cut {
  readonly windows: readonly Signals[];
  /** Number of windows that the live pipeline would not classify. */
  readonly leftOut: number;
}

/** Windows of each span from its start, without overlap; an incomplete last window is dropped. */
export function cutWindows(recorded: Recorded, spans: readonly Span[]): Cut[] {
  const { window_s, hop_s } = EOG_PREPROCESS;
  const answered = new Map(answeredWindows(recorded).map(({ index, values }) => [index * hop_s, values]));
  return spans.map(([fromS, toS]) => {
    const startsS = Array.from({ length: Math.floor((toS - fromS) / window_s) }, (_, w) => fromS + w * window_s);
    const windows = startsS.flatMap((startS) => {
      const eog = answered.get(startS);
      return eog === undefined ? [] : [{ eog, eeg: eegFrom(startS, recorded) }];
    });
    return { windows, leftOut: startsS.length - windows.length };
  });
}

function answeredWindows({ info, eog }: Recorded): FeatureWindow[] {
  const preprocessor = createEogPreprocessor(EOG_PREPROCESS, info);
  const length = eog.length / info.channels.length;
  const times = { lostBefore: 0, deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
  const outputs = preprocessor.push({ info, firstSample: 0, length, data: eog, ...times });
  return windowsOf([...outputs, ...preprocessor.flush()]).filter((window) => decide(window).state === 'ok');
}

function eegFrom(startS: number, { eeg }: Recorded): Float32Array {
  const samples = EOG_PREPROCESS.window_s * EOG_RATE_HZ;
  const length = eeg.length / DEAP_EEG.length;
  const window = new Float32Array(DEAP_EEG.length * samples);
  for (let c = 0; c < DEAP_EEG.length; c++) {
    const from = c * length + startS * EOG_RATE_HZ;
    window.set(eeg.subarray(from, from + samples), c * samples);
  }
  return window;
}
