/** A recording's feature rows, by the very path that serves live predictions. */
import { basename, join } from 'node:path';
import { AffectEdgeError } from '../errors.ts';
import type { DecisionState, FeatureWindow } from '../features.ts';
import { writeNpy } from '../formats/npy.ts';
import type { Recording } from '../formats/recording.ts';
import { makeFolder, writeFileAtomic } from '../formats/write-file.ts';
import { createEegPreprocessor } from '../preprocess-eeg.ts';
import type { EegPreprocessConfig } from '../preprocess-eeg-config.ts';
import { decide } from '../stages/decide.ts';

export interface FeatureTable {
  readonly channels: readonly string[];
  readonly config: EegPreprocessConfig;
  readonly windows: readonly FeatureWindow[];
  readonly states: readonly DecisionState[];
}

/** Every whole window of the recording, the settling ones too. Throws `DATA_INVALID` where there is none. */
export function extractFeatures(recording: Recording, config: EegPreprocessConfig): FeatureTable {
  const preprocessor = createEegPreprocessor(config, recording.info);
  const windows: FeatureWindow[] = [];
  for (const block of recording.blocks()) windows.push(...preprocessor.push(block));
  windows.push(...preprocessor.flush());
  if (windows.length === 0) {
    const seconds = (recording.totalSamples / recording.info.sampleRateHz).toFixed(2);
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${recording.path} lasts ${seconds} s and holds no whole window of ${config.window_s} s: record at least that long`,
    );
  }
  return { channels: preprocessor.channels, config, windows, states: windows.map((window) => decide(window).state) };
}

/** `features.npy` (float32, [windows, channels * bands]) and `meta.json` in `dir`. Throws `DISK_FULL`, `FILE_INVALID`. */
export async function writeFeatures(dir: string, table: FeatureTable, recording: Recording): Promise<void> {
  const { channels, config, windows, states } = table;
  const width = channels.length * config.bands.length;
  const rows = new Float32Array(windows.length * width);
  windows.forEach((window, i) => {
    rows.set(window.values, i * width);
  });
  const meta = {
    channels,
    bands: config.bands,
    method: config.method,
    order: 'channel-major',
    sample_rate_hz: config.sample_rate_hz,
    window_s: config.window_s,
    hop_s: config.hop_s,
    start_s: windows.map((window) => window.startSample / recording.info.sampleRateHz),
    state: states,
    coverage: windows.map((window) => window.coverage),
    lost: windows.map((window) => window.lost),
    bad_channels: windows.map((window) => window.channels.filter(({ bad }) => bad !== null).map(({ label }) => label)),
    preprocess: config,
    recording: {
      file: basename(recording.path),
      format: recording.format,
      sample_rate_hz: recording.info.sampleRateHz,
      samples: recording.totalSamples,
      simulated: recording.info.simulated,
      markers: recording.markers.map(({ label, sample }) => ({ label, s: sample / recording.info.sampleRateHz })),
    },
    notices: recording.notices,
  };
  await makeFolder(dir);
  await writeFileAtomic(join(dir, 'features.npy'), writeNpy({ shape: [windows.length, width], data: rows }));
  await writeFileAtomic(join(dir, 'meta.json'), `${JSON.stringify(meta)}\n`);
}
