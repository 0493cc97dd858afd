/** EOG streams and signals for tests. */
import type { Block, StreamInfo } from '../../src/samples.ts';
import { blockOf, randomOf } from './signals.ts';

export const EOG_LABELS: readonly string[] = ['hEOG', 'vEOG'];

export function eogInfo(sampleRateHz: number, labels = EOG_LABELS): StreamInfo {
  return {
    deviceId: 'test',
    modality: 'eog',
    channels: labels.map((label) => ({ label, unit: 'uV' })),
    sampleRateHz,
    simulated: true,
    railUv: 60000,
  };
}

/** A level that steps every 0.7 s, with an electrode offset and noise of some uV: no channel is found bad. */
export function eogLike(info: StreamInfo, length: number, seed = 1): Block {
  const random = randomOf(seed);
  const held = Math.round(0.7 * info.sampleRateHz);
  const gaze = info.channels.map(() => Array.from({ length: length / held + 1 }, () => 400 * (random() - 0.5)));
  return blockOf(info, length, (c, n) => 3000 * (c + 1) + gaze[c]![Math.floor(n / held)]! + 4 * (random() - 0.5));
}
