/** How often a bundle is right on the simulator's signal, told by the simulator's own markers. */

import type { ModelBundle } from '../src/model/bundle.ts';
import type { Metrics } from '../src/model/manifest.ts';
import { createPreprocessor } from '../src/preprocess.ts';
import type { Marker } from '../src/samples.ts';
import { createEegGenerator } from '../src/simulation/eeg-generator.ts';
import { parseStateMarker } from '../src/simulation/emotion.ts';
import type { PresetName } from '../src/simulation/presets.ts';
import { decide } from '../src/stages/decide.ts';
import { blocksOf } from './datasets/simulated-blocks.ts';
import { evaluate } from './evaluate.ts';

export interface SimulatedAccuracyOptions {
  readonly bundle: ModelBundle;
  /** A person and a session that training must not have seen. */
  readonly seed: number;
  readonly minutes: number;
  readonly sampleRateHz: number;
  readonly preset?: PresetName;
}

export interface SimulatedAccuracy {
  /** Windows that lie within one state. */
  readonly withinState: Metrics;
  /** Every window that was answered, scored by the state that holds its centre. */
  readonly all: Metrics;
  readonly windows: number;
  /** Windows that were not answered: settling filters, bad channels. */
  readonly unanswered: number;
}

const BLOCKS_PER_S = 50;

/** The live path without a device: blocks of 20 ms, preprocessing, model, decision, at the manifest's hop. */
export async function simulatedAccuracy(options: SimulatedAccuracyOptions): Promise<SimulatedAccuracy> {
  const { bundle, seed, minutes, sampleRateHz, preset = 'demo' } = options;
  const { classes } = bundle.manifest;
  const { montage } = bundle.description;
  const blocks = blocksOf(createEegGenerator({ seed, preset, montage, sampleRateHz }), sampleRateHz / BLOCKS_PER_S);
  bundle.checkDevice(blocks.info);
  const preprocessor = createPreprocessor(bundle.manifest, blocks.info);
  const states: Marker[] = [];
  const answers: { probs: number[]; label: number; within: boolean }[] = [];
  let windows = 0;
  for (let b = 0; b < minutes * 60 * BLOCKS_PER_S; b++) {
    const { block, markers } = blocks.next();
    states.push(...markers.filter(({ label }) => parseStateMarker(label) !== null));
    for (const window of preprocessor.push(block)) {
      windows++;
      if (decide(window).state !== 'ok') continue;
      const { probs } = await bundle.classify(window.values);
      const centre = stateAt(states, (window.startSample + window.endSample) / 2);
      answers.push({
        probs,
        label: classes.indexOf(parseStateMarker(centre.label)!),
        within: stateAt(states, window.startSample) === stateAt(states, window.endSample - 1),
      });
    }
  }
  const scored = (rows: typeof answers) =>
    evaluate(
      rows.map(({ probs }) => probs),
      rows.map(({ label }) => label),
    );
  return {
    withinState: scored(answers.filter(({ within }) => within)),
    all: scored(answers),
    windows,
    unanswered: windows - answers.length,
  };
}

/** The last state that began at or before a sample. */
function stateAt(states: readonly Marker[], sample: number): Marker {
  return states.findLast((state) => state.sample <= sample)!;
}
