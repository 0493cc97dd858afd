/** A simulated person's signal of the modality that a model reads. */
import type { ModelInput } from '../../src/model/manifest.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';
import { createEogGenerator } from '../../src/simulation/eog.ts';
import { createGazeGenerator } from '../../src/simulation/gaze/generator.ts';
import type { GeneratorOptions, SignalGenerator } from '../../src/simulation/generator.ts';

/** Throws RATE_UNSUPPORTED, MONTAGE_MISSING_ELECTRODE. */
export function simulatedInput(
  input: ModelInput,
  options: GeneratorOptions & { readonly sampleRateHz: number },
): SignalGenerator {
  switch (input.modality) {
    case 'eeg':
      return createEegGenerator({ ...options, montage: input.montage });
    case 'eye':
      return createGazeGenerator(options);
    case 'eog':
      return createEogGenerator(options);
  }
}
