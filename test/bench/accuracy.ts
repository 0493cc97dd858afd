/**
 * The demo bundles' live accuracy on SIMULATED signal: bytes of the simulated device -> protocol -> pipeline -> model,
 * scored against the simulator's own markers, on seeds (persons and sessions) that training never saw.
 */
import { filter, lastValueFrom, tap, toArray } from 'rxjs';
import { biosignal } from '../../devices/biosignal/index.ts';
import { generatorSource } from '../../devices/simulator/source.ts';
import { VirtualClock } from '../../src/clock.ts';
import { resolveModelDir } from '../../src/main/package-root.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { parseStateMarker } from '../../src/simulation/emotion.ts';
import { classOf } from '../../training/evaluation/simulated-accuracy.ts';
import { simulatedInput } from '../../training/export/simulated-input.ts';
import { simulatedLink } from '../support/simulated-link.ts';

const SEEDS = [9001, 9002];
const CASES = [
  { model: 'models/demo-eeg62-cmcrd', ratesHz: [1000] },
  { model: 'models/demo-cyton8-cmcrd', ratesHz: [250] },
  { model: 'models/demo-eye33-cmcrd', ratesHz: [60, 120, 250] },
  { model: 'models/demo-eog2-valence', ratesHz: [250] },
];

interface AccuracyRow {
  readonly model: string;
  readonly rate_hz: number;
  readonly seed: number;
  readonly minutes: number;
  /** Share of the answered windows whose label is the state at the window's centre. */
  readonly accuracy: number;
  /** The same over the windows that lie within one state. */
  readonly within_state: number;
  /** What always the most frequent class would have scored within states. */
  readonly majority: number;
  readonly answered: number;
  readonly windows: number;
  readonly simulated: boolean;
}

export async function benchAccuracy(seconds = 600): Promise<{ rows: AccuracyRow[]; summary: Record<string, unknown> }> {
  const rows: AccuracyRow[] = [];
  for (const { model, ratesHz } of CASES) {
    for (const rateHz of ratesHz) {
      for (const seed of SEEDS) rows.push(await accuracyOf(model, rateHz, seed, seconds));
    }
  }
  return { rows, summary: { simulated: true, preset: 'demo', rows } };
}

/** All of them ride on the biosignal protocol, because the Cyton's has no way to tell the true state. */
async function accuracyOf(dir: string, sampleRateHz: number, seed: number, seconds: number): Promise<AccuracyRow> {
  const model = await loadBundle(resolveModelDir(dir));
  const clock = new VirtualClock(0);
  const source = generatorSource(simulatedInput(model.manifest, { seed, preset: 'demo', sampleRateHz }));
  const device$ = simulatedLink({ protocol: biosignal, source, seed, seconds, clock });
  const { manifest } = model;
  const states: { atUs: number; label: string }[] = [];
  const stateAt = (us: number) => states.findLast(({ atUs }) => atUs <= us);
  const predictions = await lastValueFrom(
    pipeline(device$, { model, clock }).pipe(
      tap((event) => {
        if (!('stream' in event) || event.stream !== 'marker') return;
        const state = parseStateMarker(event.data.label);
        if (state === null) return;
        const label = manifest.classes[classOf(manifest, state)]!;
        states.push({ atUs: event.t.start_us, label });
      }),
      filter((event) => 'stream' in event && event.stream === 'prediction'),
      toArray(),
    ),
  );
  await model.close();
  const answered = predictions.filter(({ data }) => data.state === 'ok');
  const within = answered.filter(({ t }) => stateAt(t.start_us) === stateAt(t.end_us - 1));
  const share = (windows: typeof answered): number =>
    windows.filter(({ t, data }) => data.label === stateAt((t.start_us + t.end_us) / 2)?.label).length / windows.length;
  const counts = manifest.classes.map((label) => within.filter(({ t }) => stateAt(t.start_us)?.label === label).length);
  return {
    model: dir,
    rate_hz: sampleRateHz,
    seed,
    minutes: seconds / 60,
    accuracy: Number(share(answered).toFixed(4)),
    within_state: Number(share(within).toFixed(4)),
    majority: Number((Math.max(...counts) / within.length).toFixed(4)),
    answered: answered.length,
    windows: predictions.length,
    simulated: predictions.every(({ simulated }) => simulated),
  };
}
