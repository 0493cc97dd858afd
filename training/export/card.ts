/** A bundle's CARD.md: what the model is, what it is for, and how its figures were measured. */
import type { Manifest, Metrics } from '../../src/model/manifest.ts';
import type { SimulatedAccuracy } from '../evaluation/simulated-accuracy.ts';

export interface LiveFigures extends SimulatedAccuracy {
  readonly sampleRateHz: number;
  readonly seed: number;
  readonly minutes: number;
}

const FIGURES = ['windows', 'accuracy', 'always the most frequent class', 'balanced accuracy', 'ECE'];
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export interface CardContent {
  readonly network: string;
  readonly parameters: number;
  /** How it was trained, in words. */
  readonly learning: string;
  /** Empty where it was not tried on simulated signal. */
  readonly live: readonly LiveFigures[];
}

export function writeCard(manifest: Manifest, { network, parameters, learning, live }: CardContent): string {
  const { id, classes, modality, preprocess, training, simulated } = manifest;
  const [last, { confusion }] = Object.entries(training.metrics).at(-1)!;
  return `# ${id}

${simulated ? simulatedNotice(modality) : REAL}

## What it is
- Classes: ${classes.join(', ')}
- Input: ${inputOf(manifest)}
- Network: ${network}, ${parameters} parameters; temperature ${manifest.temperature}
- Learning: ${learning}
- Data: ${training.data}
- Protocol: ${training.protocol}
- Code ${training.code_version}, backend ${training.backend}, model.onnx sha256 ${manifest.onnx_sha256}

## For
${simulated ? 'Demonstrations, tests, benchmarks, and trying out devices and clients with the simulator.' : 'Studies with people and conditions like those of its training data.'}

## Not for
${simulated ? `Recognising the emotions of people: on real ${SIGNAL[modality]} its answers mean nothing. ` : ''}Diagnosis, hiring, teaching, policing or any decision about a person.

## Figures${simulated ? ' on simulated data' : ''}
Feature rows of windows without overlap; "validation" rows chose the epoch and the temperature, ${'test' in training.metrics ? '"test" rows chose\nnothing' : 'for "folds" see the\nprotocol'}. ECE: expected calibration error, 15 bins.

${table(
  ['rows', ...FIGURES],
  Object.entries(training.metrics).map(([name, metrics]) => figures(name, metrics)),
)}
${live.length === 0 ? '' : liveSection(live, preprocess.hop_s)}
Confusion of "${last}", true class by row, predicted class by column (${classes.join(', ')}):

${confusion.map((row, c) => `- ${classes[c]}: ${row.join(' ')}`).join('\n')}
`;
}

function inputOf(manifest: Manifest): string {
  const windows = `${manifest.preprocess.window_s} s windows`;
  switch (manifest.modality) {
    case 'eeg': {
      const { montage, preprocess } = manifest;
      const bands = preprocess.bands.map(([name, low, high]) => `${name} ${low}-${high} Hz`).join(', ');
      return `differential entropy (${preprocess.method}) of ${bands}; ${windows} of ${montage.length} electrodes: ${montage.join(' ')}`;
    }
    case 'eye': {
      const { features, method, algorithm, pupil_unit } = manifest.preprocess;
      return `${features} features of eye movement (${method}), events by ${algorithm.toUpperCase()}, pupils in ${pupil_unit}; ${windows}`;
    }
    case 'eog':
      return `${windows} of ${manifest.montage.join(' and ')} at ${manifest.preprocess.sample_rate_hz} Hz`;
  }
}

/** Names of the modalities in a card's sentences. */
export const SIGNAL: Readonly<Record<Manifest['modality'], string>> = { eeg: 'EEG', eye: 'eye movement', eog: 'EOG' };

function simulatedNotice(modality: Manifest['modality']): string {
  return `**Trained on SIMULATED data.** No person's ${SIGNAL[modality]} went into this model. It shows that the whole path from a device's
bytes to a prediction works; it says nothing about anybody's emotion.`;
}

const REAL = `Trained on recordings of people. Its figures hold for the rows that the protocol names, and no further.`;

function liveSection(live: readonly LiveFigures[], hopS: number): string {
  const rows = live.flatMap(({ sampleRateHz, seed, minutes, withinState, all }) => {
    const run = `${minutes} min at ${sampleRateHz} Hz, seed ${seed}`;
    return [figures(`${run}, within a state`, withinState), figures(`${run}, all`, all)];
  });
  return `
The live path on the simulator with a seed (session and person) that training never saw, against the simulator's own
state markers, hop ${hopS} s. "Within a state": windows that no change of state falls into; "all": every answered window, scored
by the state at its centre.

${table(['run', ...FIGURES], rows)}
`;
}

function figures(name: string, metrics: Metrics): string[] {
  const { accuracy, balanced_accuracy, ece, confusion } = metrics;
  const counts = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const windows = counts.reduce((sum, count) => sum + count, 0);
  const majority = Math.max(...counts) / windows;
  return [name, String(windows), percent(accuracy), percent(majority), percent(balanced_accuracy), ece.toFixed(4)];
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
