/** Features 13 to 33: statistics of fixations, saccades and blinks. A statistic without events is 0. */
import { deviation, mean } from '../../dsp/moments.ts';
import type { Blink, Fixation, Saccade } from '../../gaze/event.ts';

/** The events that end in a period, each kind in order of time. */
export interface EyeEvents {
  readonly fixations: readonly Pick<Fixation, 'durationMs' | 'dispersionXDeg' | 'dispersionYDeg'>[];
  readonly saccades: readonly Pick<Saccade, 'startS' | 'endS' | 'durationMs' | 'amplitudeDeg'>[];
  readonly blinks: readonly Pick<Blink, 'durationMs'>[];
}

/** Features 13 to 24, of a window. */
export function windowStatistics({ fixations, saccades, blinks }: EyeEvents): number[] {
  const [x, y] = [fixations.map((f) => f.dispersionXDeg), fixations.map((f) => f.dispersionYDeg)];
  const [fixationMs, blinkMs, saccadeMs] = [fixations.map(msOf), blinks.map(msOf), saccades.map(msOf)];
  const amplitudes = saccades.map((s) => s.amplitudeDeg);
  return [
    ...[mean(x), mean(y), deviation(x), deviation(y)],
    ...[mean(fixationMs), deviation(fixationMs), mean(blinkMs), deviation(blinkMs)],
    ...[mean(saccadeMs), mean(amplitudes), deviation(saccadeMs), deviation(amplitudes)],
  ];
}

/** Features 25 to 33, of the last `seconds`. A fixation's dispersion is its extent along x plus that along y. */
export function trailingStatistics({ fixations, saccades, blinks }: EyeEvents, seconds: number): number[] {
  const perSecond = (events: readonly unknown[]) => (events.length === 0 ? 0 : events.length / seconds);
  const dispersions = fixations.map((f) => f.dispersionXDeg + f.dispersionYDeg);
  const latencies = saccades.slice(1).map((saccade, i) => (saccade.startS - saccades[i]!.endS) * 1000);
  return [
    perSecond(blinks),
    perSecond(fixations),
    Math.max(0, ...fixations.map(msOf)),
    dispersions.reduce((sum, dispersion) => sum + dispersion, 0),
    Math.max(0, ...dispersions),
    perSecond(saccades),
    mean(saccades.map(msOf)),
    mean(saccades.map((s) => s.amplitudeDeg)),
    mean(latencies),
  ];
}

function msOf({ durationMs }: { readonly durationMs: number }): number {
  return durationMs;
}
