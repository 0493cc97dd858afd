import { EOG_CHANNELS } from '../../src/preprocess/eog/config.ts';
import { Random } from '../../src/random.ts';
import type { NetworkSize } from '../../training/eog/network/size.ts';
import { DEAP_EEG, type EogData, type EogTrial, type Signals } from '../../training/eog/recordings.ts';

/** Of the networks that tests train: 3 tokens, 2 blocks. */
export const TINY: NetworkSize = {
  samples: 16,
  kernel: 8,
  stride: 4,
  filters: 4,
  width: 8,
  blocks: 2,
  heads: 2,
  key: 4,
  hidden: 8,
  headDropout: 0.1,
  blockDropout: 0.1,
};

export interface ToneOptions {
  readonly subjects: number;
  readonly trials: number;
  readonly windows: number;
  /** Amplitude of the tone that marks high valence in the EOG, with noise of 1. */
  readonly eogTone?: number;
  readonly seed?: number;
}

/**
 * Noise of 1 with a tone for high valence: amplitude 3 in the EEG, less in the EOG. A subject's even trials are high in
 * valence, and the first two of every four are high in arousal.
 */
export function toneTrials({ subjects, trials, windows, eogTone = 1, seed = 1 }: ToneOptions): EogData {
  const random = new Random(seed, 'tones');
  const all = Array.from({ length: subjects * trials }, (_, i): EogTrial => {
    const number = i % trials;
    const high = { valence: number % 2 === 0, arousal: number % 4 < 2 };
    const signal = (channels: number, amplitude: number) =>
      Float32Array.from(
        { length: channels * TINY.samples },
        (_, at) => random.normal() + (high.valence ? amplitude * Math.sin((Math.PI / 2) * at) : 0),
      );
    return {
      subject: Math.floor(i / trials) + 1,
      number,
      windows: Array.from(
        { length: windows },
        (): Signals => ({ eeg: signal(DEAP_EEG.length, 3), eog: signal(EOG_CHANNELS.length, eogTone) }),
      ),
      high,
    };
  });
  return { description: 'tones', simulation: { preset: 'tones', version: 1 }, trials: all, leftOut: 0 };
}
