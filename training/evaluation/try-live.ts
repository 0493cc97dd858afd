/** Tries a finished bundle on the live path, at the sampling rates of possible devices. */
import { loadBundle } from '../../src/model/bundle.ts';
import type { PresetName } from '../../src/simulation/presets.ts';
import type { LiveFigures } from '../export/card.ts';
import { simulatedAccuracy } from './simulated-accuracy.ts';

export interface LiveTrial {
  readonly ratesHz: readonly number[];
  readonly minutes: number;
  /** A simulated person that training must not have seen. */
  readonly seed: number;
}

export async function tryLive(
  folder: string,
  { ratesHz, minutes, seed }: LiveTrial,
  preset: PresetName,
  log: (line: string) => void,
): Promise<LiveFigures[]> {
  const bundle = await loadBundle(folder);
  const live: LiveFigures[] = [];
  for (const sampleRateHz of ratesHz) {
    const figures = await simulatedAccuracy({ bundle, seed, minutes, sampleRateHz, preset });
    live.push({ sampleRateHz, seed, minutes, ...figures });
    log(
      `${bundle.manifest.id} at ${sampleRateHz} Hz: ${figures.all.accuracy} of all windows, ${figures.withinState.accuracy} within a state`,
    );
  }
  await bundle.close();
  return live;
}
