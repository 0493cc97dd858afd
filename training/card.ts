/** A bundle's CARD.md: what the model is, what it is for, and how its figures were measured. */
import type { Manifest, Metrics } from '../src/model/manifest.ts';
import type { SimulatedAccuracy } from './simulated-accuracy.ts';

export interface LiveFigures extends SimulatedAccuracy {
  readonly sampleRateHz: number;
  readonly seed: number;
  readonly minutes: number;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export function writeCard(manifest: Manifest, live: readonly LiveFigures[]): string {
  const { id, classes, montage, preprocess, training } = manifest;
  const bands = preprocess.bands.map(([name, low, high]) => `${name} ${low}-${high} Hz`).join(', ');
  return `# ${id}

**Trained on SIMULATED data.** No person's EEG went into this model. It shows that the whole path from an amplifier's
bytes to a prediction works; it says nothing about anybody's emotion.

## What it is
- Classes: ${classes.join(', ')}
- Input: differential entropy (${preprocess.method}) of ${bands}; ${preprocess.window_s} s windows of ${montage.length} electrodes: ${montage.join(' ')}
- Network: four blocks of linear 128, batch normalisation and ReLU, then a linear classifier; temperature ${manifest.temperature}
- Data: ${training.data}
- Protocol: ${training.protocol}
- Code ${training.code_version}, backend ${training.backend}, model.onnx sha256 ${manifest.onnx_sha256}

## For
Demonstrations, tests, benchmarks, and trying out devices and clients with the simulator.

## Not for
Recognising the emotions of people: on real EEG its answers mean nothing. Not for diagnosis, hiring, teaching, policing or
any decision about a person.

## Figures on simulated data
Feature rows of windows without overlap; "test" subjects chose nothing, "validation" subjects chose the epoch and the
temperature. ECE: expected calibration error, 15 bins.

${table(
  ['rows', 'windows', 'accuracy', 'balanced accuracy', 'ECE'],
  Object.entries(training.metrics).map(([name, metrics]) => figures(name, metrics)),
)}

The live path on the simulator with a seed (session and person) that training never saw, against the simulator's own
state markers, hop ${preprocess.hop_s} s. "Within a state": windows that no change of state falls into; "all": every answered window, scored
by the state at its centre.

${table(
  ['run', 'windows', 'accuracy', 'balanced accuracy', 'ECE'],
  live.flatMap(({ sampleRateHz, seed, minutes, withinState, all }) => {
    const run = `${minutes} min at ${sampleRateHz} Hz, seed ${seed}`;
    return [figures(`${run}, within a state`, withinState), figures(`${run}, all`, all)];
  }),
)}

Test confusion, true class by row, predicted class by column (${classes.join(', ')}):

${training.metrics['test']?.confusion.map((row, c) => `- ${classes[c]}: ${row.join(' ')}`).join('\n')}
`;
}

function figures(name: string, metrics: Metrics): string[] {
  const windows = metrics.confusion.flat().reduce((sum, count) => sum + count, 0);
  return [name, String(windows), percent(metrics.accuracy), percent(metrics.balanced_accuracy), metrics.ece.toFixed(4)];
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
