/** Simulated EEG and EOG of the same trials, in the layout of DEAP. */
import { butterworthBandPass } from '../../src/dsp/butterworth.ts';
import { SosBank } from '../../src/dsp/sos.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { EOG_RATE_HZ } from '../../src/preprocess/eog/config.ts';
import { Random } from '../../src/random.ts';
import { HIGH } from '../../src/simulation/affect-scales.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';
import { EMOTIONS } from '../../src/simulation/emotion.ts';
import { createEogGenerator } from '../../src/simulation/eog.ts';
import { type PresetName, SIMULATION_VERSION } from '../../src/simulation/presets.ts';
import { shuffle } from '../loop/shuffle.ts';
import { BASELINE_S, cutWindows, type Span } from './cut.ts';
import { DEAP_EEG, type EogData, type EogTrial } from './recordings.ts';

export interface SimulatedEogOptions {
  readonly preset: PresetName;
  /** Seed of the first person; the others count up from it. */
  readonly seed: number;
  readonly subjects: number;
  /** Trials of each subject; each emotion equally often if 3 divides it. */
  readonly trials: number;
  /** Length of a trial, in seconds. */
  readonly trialS: number;
}

/** Of the raw EOG, as of an OpenBCI Cyton. */
const RAW_RATE_HZ = 250;
/** DEAP's filter, for the EEG only. */
const EEG_BAND_HZ = [4, 45] as const;

/**
 * EEG and EOG are generated independently, so their blinks do not coincide. Throws CONFIG_INVALID for a size that is not
 * a whole number from 1.
 */
export function simulateEog(options: SimulatedEogOptions): EogData {
  const { preset, seed, subjects, trials, trialS } = options;
  for (const [name, value] of Object.entries({ subjects, trials, trialS })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new AffectEdgeError('CONFIG_INVALID', `${name} is ${value}; give a whole number from 1`);
  }
  const people = Array.from({ length: subjects }, (_, subject) => trialsOf(subject, options));
  return {
    description:
      `simulated EEG and EOG: affect-edge simulator version ${SIMULATION_VERSION}, preset ${preset}, seed ${seed}, ` +
      `${subjects} subjects x ${trials} trials x ${trialS} s`,
    simulation: { preset, version: SIMULATION_VERSION },
    trials: people.flatMap((person) => person.trials),
    leftOut: people.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

/** One continuous recording: the change from one trial's emotion to the next is in the baseline. */
function trialsOf(subject: number, { preset, seed, trials, trialS }: SimulatedEogOptions) {
  const emotions = Array.from({ length: trials }, (_, i) => EMOTIONS[i % EMOTIONS.length]!);
  shuffle(emotions, new Random(seed, 'eog trials', subject));
  const person = seed + subject;
  const everyS = BASELINE_S + trialS;
  const schedule = { kind: 'trials', trialS: everyS, emotions } as const;
  const identity = { seed: person, subject: person, preset, schedule };
  const eyes = createEogGenerator({ ...identity, sampleRateHz: RAW_RATE_HZ });
  const brain = createEegGenerator({ ...identity, montage: DEAP_EEG, sampleRateHz: EOG_RATE_HZ });
  const cuts = cutWindows(
    {
      info: eyes.info,
      eog: eyes.next(trials * everyS * RAW_RATE_HZ).data,
      eeg: bandPassed(brain.next(trials * everyS * EOG_RATE_HZ).data),
    },
    emotions.map((_, number): Span => [number * everyS + BASELINE_S, (number + 1) * everyS]),
  );
  return {
    trials: emotions.map(
      (emotion, number): EogTrial => ({ subject, number, windows: cuts[number]!.windows, high: HIGH[emotion] }),
    ),
    leftOut: cuts.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

function bandPassed(eeg: Float32Array): Float32Array {
  const channels = DEAP_EEG.length;
  const length = eeg.length / channels;
  const band = new SosBank(butterworthBandPass(4, EEG_BAND_HZ, EOG_RATE_HZ), channels);
  const filtered = Float64Array.from(eeg);
  band.seed(DEAP_EEG.map((_, channel) => eeg[channel * length]!));
  band.process(filtered, length, length);
  return Float32Array.from(filtered);
}
