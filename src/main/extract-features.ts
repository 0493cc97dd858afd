/** A recording's feature rows, computed by the path that serves live predictions. */

import { basename, join } from 'node:path';
import type { DecisionState } from '../decision.ts';
import { AffectEdgeError } from '../errors.ts';
import { writeNpy } from '../formats/arrays/npy.ts';
import type { Recording } from '../formats/recording.ts';
import { makeFolder, writeFileAtomic } from '../formats/write-file.ts';
import { decide, summariseQuality } from '../preprocess/decide.ts';
import { eyeFeatures } from '../preprocess/eye/features.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import { createPreprocessor, type Preprocessing } from '../preprocess/index.ts';
import { type PreprocessorOutput, windowsOf } from '../preprocess/preprocessor.ts';

/** A recording's windows, for `features`. */
export interface RecordingFeatures {
  /** Electrodes, channels or feature names, in the order of a row. */
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly windows: readonly FeatureWindow[];
  readonly states: readonly DecisionState[];
  /** What the user should know about the file and its signal. */
  readonly notices: readonly string[];
}

/** All whole windows of the recording, settling ones included. Throws `DATA_INVALID` where there is none. */
export function extractFeatures(recording: Recording, preprocessing: Preprocessing): RecordingFeatures {
  const preprocessor = createPreprocessor(preprocessing, recording.info);
  const outputs: PreprocessorOutput[] = [];
  for (const block of recording.blocks()) outputs.push(...preprocessor.push(block));
  outputs.push(...preprocessor.flush());
  const windows = windowsOf(outputs);
  if (windows.length === 0) {
    const seconds = (recording.totalSamples / recording.info.sampleRateHz).toFixed(2);
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${recording.path} lasts ${seconds} s and holds no whole window of ${preprocessing.preprocess.window_s} s: record at least that long`,
    );
  }
  const states = windows.map((window) => decide(window).state);
  const warnings = outputs.flatMap((output) => (output.type === 'warning' ? [output.message] : []));
  const notices = [...new Set([...recording.notices, ...warnings])];
  return { labels: preprocessor.labels, preprocessing, windows, states, notices };
}

/** `features.npy` (float32, [windows, features]) and `meta.json` in `dir`. Throws `DISK_FULL`, `FILE_INVALID`. */
export async function writeFeatures(dir: string, table: RecordingFeatures, recording: Recording): Promise<void> {
  const { preprocessing, windows, states } = table;
  const width = windows[0]!.values.length;
  const rows = new Float32Array(windows.length * width);
  windows.forEach((window, i) => {
    rows.set(window.values, i * width);
  });
  const { window_s, hop_s } = preprocessing.preprocess;
  const meta = {
    modality: preprocessing.modality,
    ...columnsOf(table),
    window_s,
    hop_s,
    start_s: windows.map((window) => window.startSample / recording.info.sampleRateHz),
    state: states,
    coverage: windows.map((window) => window.coverage),
    lost: windows.map((window) => window.lost),
    bad_channels: windows.map((window) => summariseQuality(window).bad_channels),
    preprocess: preprocessing.preprocess,
    recording: {
      file: basename(recording.path),
      format: recording.format,
      sample_rate_hz: recording.info.sampleRateHz,
      samples: recording.totalSamples,
      simulated: recording.info.simulated,
      markers: recording.markers.map(({ label, sample }) => ({ label, s: sample / recording.info.sampleRateHz })),
    },
    notices: table.notices,
  };
  await makeFolder(dir);
  await writeFileAtomic(join(dir, 'features.npy'), writeNpy({ shape: [windows.length, width], data: rows }));
  await writeFileAtomic(join(dir, 'meta.json'), `${JSON.stringify(meta)}\n`);
}

/** Describes the columns of the rows. */
function columnsOf({ labels, preprocessing, windows }: RecordingFeatures): Record<string, unknown> {
  switch (preprocessing.modality) {
    case 'eeg': {
      const { bands, method, sample_rate_hz } = preprocessing.preprocess;
      return { channels: labels, bands, method, order: 'channel-major', sample_rate_hz };
    }
    case 'eye': {
      const { features, method, pupil_unit } = preprocessing.preprocess;
      const worn = windows.map(({ quality }) => quality.modality === 'eye' && quality.worn);
      return { features: eyeFeatures(features, pupil_unit), method, worn };
    }
    case 'eog':
      return { channels: labels, order: 'channel-major', sample_rate_hz: preprocessing.preprocess.sample_rate_hz };
  }
}
