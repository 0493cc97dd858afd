/** The simulated person of a simulated device; a seed gives the same person in every modality. */
import { generatorSource, type SampleSource } from '../../devices/simulator/source.ts';
import { EEG62 } from '../montage.ts';
import type { Modality } from '../samples.ts';
import { createEegGenerator } from '../simulation/eeg/generator.ts';
import { createEogGenerator } from '../simulation/eog.ts';
import { createGazeGenerator } from '../simulation/gaze/generator.ts';

/** Common rates of such devices. */
const SIMULATED_RATE_HZ: Readonly<Record<Modality, number>> = { eeg: 1000, eye: 120, eog: 250 };

export interface SimulatedPerson {
  readonly modality: Modality;
  readonly seed: number;
  readonly sampleRateHz?: number | undefined;
}

/** Preset `demo`; 62 electrodes. Throws RATE_UNSUPPORTED. */
export function simulatedPerson({ modality, seed, ...asked }: SimulatedPerson): SampleSource {
  const options = { seed, preset: 'demo', sampleRateHz: asked.sampleRateHz ?? SIMULATED_RATE_HZ[modality] } as const;
  switch (modality) {
    case 'eeg':
      return generatorSource(createEegGenerator({ ...options, montage: EEG62 }));
    case 'eye':
      return generatorSource(createGazeGenerator(options));
    case 'eog':
      return generatorSource(createEogGenerator(options));
  }
}
