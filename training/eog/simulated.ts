/** Simulated EEG and EOG of the same trials, in the layout of DEAP: nothing here says anything about people. */
import { butterworthBandPass } from '../../src/dsp/butterworth.ts';
import { SosBank } from '../../src/dsp/sos.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { createEegGenerator } from '../../src/simulation/eeg-generator.ts';
import { EMOTIONS, type Emotion } from '../../src/simulation/emotion.ts';
import { createEogGenerator } from '../../src/simulation/eog-generator.ts';
import { type PresetName, SIMULATION_VERSION } from '../../src/simulation/presets.ts';
import { Random } from '../../src/simulation/random.ts';
import { shuffle } from '../shuffle.ts';
import { DEAP_EEG, EOG_CHANNELS, EOG_RATE_HZ, type EogData, type EogTrial } from './recordings.ts';

export interface SimulatedEogOptions {
  readonly preset: PresetName;
  /** The first person; the others count up from it. */
  readonly seed: number;
  readonly subjects: number;
  /** Of every subject; each emotion equally often where 3 divides it. */
  readonly trials: number;
  /** Seconds that are kept of a trial. */
  readonly trialS: number;
}

/** In front of each trial, as DEAP's baseline; it is dropped, and with it the passage from one emotion to the next. */
const BASELINE_S = 3;
/** DEAP's own filter, of the EEG alone. */
const EEG_BAND_HZ = [4, 45] as const;

/** DEAP asks for two scales; a simulated emotion is a place on both of them. */
const HIGH: Readonly<Record<Emotion, EogTrial['high']>> = {
  negative: { valence: false, arousal: true },
  neutral: { valence: false, arousal: false },
  positive: { valence: true, arousal: true },
};

/**
 * The EEG's blinks are its own: they don't coincide with the EOG's. Throws CONFIG_INVALID for a size that is no whole
 * number from 1.
 */
export function simulateEog(options: SimulatedEogOptions): EogData {
  const { preset, seed, subjects, trials, trialS } = options;
  for (const [name, value] of Object.entries({ subjects, trials, trialS })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new AffectEdgeError('CONFIG_INVALID', `${name} is ${value}; give a whole number from 1`);
  }
  return {
    description:
      `simulated EEG and EOG: affect-edge simulator version ${SIMULATION_VERSION}, preset ${preset}, seed ${seed}, ` +
      `${subjects} subjects x ${trials} trials x ${trialS} s`,
    simulated: true,
    trials: Array.from({ length: subjects }, (_, subject) => trialsOf(subject, options)).flat(),
  };
}

function trialsOf(subject: number, { preset, seed, trials, trialS }: SimulatedEogOptions): EogTrial[] {
  const emotions = Array.from({ length: trials }, (_, i) => EMOTIONS[i % EMOTIONS.length]!);
  shuffle(emotions, new Random(seed, 'eog trials', subject));
  const person = seed + subject;
  const schedule = { kind: 'trials', trialS: BASELINE_S + trialS, emotions } as const;
  const identity = { seed: person, subject: person, preset, schedule };
  const brain = createEegGenerator({ ...identity, montage: DEAP_EEG, sampleRateHz: EOG_RATE_HZ });
  const eyes = createEogGenerator({ ...identity, sampleRateHz: EOG_RATE_HZ });
  const band = new SosBank(butterworthBandPass(4, EEG_BAND_HZ, EOG_RATE_HZ), DEAP_EEG.length);
  const length = (BASELINE_S + trialS) * EOG_RATE_HZ;
  return emotions.map((emotion, number) => {
    const eeg = Float64Array.from(brain.next(length).data);
    if (number === 0) band.seed(DEAP_EEG.map((_, channel) => eeg[channel * length]!));
    band.process(eeg, length, length);
    return {
      subject,
      number,
      samples: trialS * EOG_RATE_HZ,
      eeg: withoutBaseline(eeg, DEAP_EEG.length),
      eog: withoutBaseline(eyes.next(length).data, EOG_CHANNELS.length),
      high: HIGH[emotion],
    };
  });
}

function withoutBaseline(signal: Float32Array | Float64Array, channels: number): Float32Array {
  const length = signal.length / channels;
  const from = BASELINE_S * EOG_RATE_HZ;
  const kept = new Float32Array(channels * (length - from));
  for (let channel = 0; channel < channels; channel++) {
    kept.set(signal.subarray(channel * length + from, (channel + 1) * length), channel * (length - from));
  }
  return kept;
}
