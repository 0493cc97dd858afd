/** A bundle's accuracy on simulated signal, measured against the simulator's state markers. */
import type { ModelBundle } from '../../src/model/bundle.ts';
import type { Manifest, Metrics } from '../../src/model/manifest.ts';
import { decide } from '../../src/preprocess/decide.ts';
import { windowsOf } from '../../src/preprocess/preprocessor.ts';
import type { Marker } from '../../src/samples.ts';
import { HIGH } from '../../src/simulation/affect-scales.ts';
import { type Emotion, parseStateMarker } from '../../src/simulation/emotion.ts';
import type { PresetName } from '../../src/simulation/presets.ts';
import { blocksOf } from '../datasets/simulated-blocks.ts';
import { simulatedInput } from '../export/simulated-input.ts';
import { evaluate } from './metrics.ts';

interface SimulatedAccuracyOptions {
  readonly bundle: ModelBundle;
  /** A simulated person that training must not have seen. */
  readonly seed: number;
  readonly minutes: number;
  readonly sampleRateHz: number;
  readonly preset?: PresetName;
}

export interface SimulatedAccuracy {
  /** For windows within one state. */
  readonly withinState: Metrics;
  /** For every classified window, by the state at its centre. */
  readonly all: Metrics;
  readonly windows: number;
  /** Windows that were not classified: settling filters, bad channels, eyes not tracked. */
  readonly unanswered: number;
}

const BLOCKS_PER_S = 50;

/** Runs the live path without a device: blocks of about 20 ms, preprocessing, model, decision, at the manifest's hop. */
export async function simulatedAccuracy(options: SimulatedAccuracyOptions): Promise<SimulatedAccuracy> {
  const { bundle, seed, minutes, sampleRateHz, preset = 'demo' } = options;
  const { manifest } = bundle;
  const blockSamples = Math.round(sampleRateHz / BLOCKS_PER_S);
  const blocks = blocksOf(simulatedInput(manifest, { seed, preset, sampleRateHz }), blockSamples);
  const preprocessor = bundle.createPreprocessor(blocks.info);
  const states: Marker[] = [];
  const answers: { probs: number[]; label: number; within: boolean }[] = [];
  let windows = 0;
  for (let sample = 0; sample < minutes * 60 * sampleRateHz; sample += blockSamples) {
    const { block, markers } = blocks.next();
    states.push(...markers.filter(({ label }) => parseStateMarker(label) !== null));
    for (const window of windowsOf(preprocessor.push(block))) {
      windows++;
      if (decide(window).state !== 'ok') continue;
      const { probs } = await bundle.classify(window.values);
      const centre = stateAt(states, (window.startSample + window.endSample) / 2);
      answers.push({
        probs,
        label: classOf(manifest, parseStateMarker(centre.label)!),
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

/** Index of the class that a simulated emotion belongs to. */
export function classOf(manifest: Manifest, emotion: Emotion): number {
  return manifest.modality === 'eog' ? Number(HIGH[emotion][manifest.target]) : manifest.classes.indexOf(emotion);
}

/** The last state that began at or before a sample. */
function stateAt(states: readonly Marker[], sample: number): Marker {
  return states.findLast((state) => state.sample <= sample)!;
}
