/** Eye-movement features of a simulated person's windows, in the order of the SEED data sets' tables. */

import { deOfVariance } from '../dsp/differential-entropy.ts';
import { AffectEdgeError } from '../errors.ts';
import { type GazeOptions, GazeState } from './gaze-state.ts';
import { type PupilSample, Pupils } from './pupil.ts';
import { type GazeEvent, Scanpath } from './scanpath.ts';
import { TICKS_PER_S } from './sources.ts';

/** Pupil spectra and the features per trial of the data sets are taken over this long, or what there is of the trial. */
const TRAILING_S = 30;

const EYES = ['x', 'y'] as const;
const PUPIL_DE_BANDS = ['0-0.2', '0.2-0.4', '0.4-0.6', '0.6-1'] as const;

/** 1 to 33 of the specification; X is the left eye's diameter, Y the right one's. Where nothing happened, 0. */
export const EYE_FEATURES: readonly { readonly name: string; readonly unit: string }[] = [
  ...EYES.map((eye) => ({ name: `pupil_${eye}_mean`, unit: 'mm' })),
  ...EYES.map((eye) => ({ name: `pupil_${eye}_std`, unit: 'mm' })),
  ...EYES.flatMap((eye) => PUPIL_DE_BANDS.map((hz) => ({ name: `pupil_${eye}_de_${hz}hz`, unit: 'nat' }))),
  { name: 'dispersion_x_mean', unit: 'deg' },
  { name: 'dispersion_y_mean', unit: 'deg' },
  { name: 'dispersion_x_std', unit: 'deg' },
  { name: 'dispersion_y_std', unit: 'deg' },
  { name: 'fixation_duration_mean', unit: 'ms' },
  { name: 'fixation_duration_std', unit: 'ms' },
  { name: 'blink_duration_mean', unit: 'ms' },
  { name: 'blink_duration_std', unit: 'ms' },
  { name: 'saccade_duration_mean', unit: 'ms' },
  { name: 'saccade_amplitude_mean', unit: 'deg' },
  { name: 'saccade_duration_std', unit: 'ms' },
  { name: 'saccade_amplitude_std', unit: 'deg' },
  { name: 'blink_frequency_30s', unit: '1/s' },
  { name: 'fixation_frequency_30s', unit: '1/s' },
  { name: 'fixation_duration_longest_30s', unit: 'ms' },
  { name: 'dispersion_total_30s', unit: 'deg' },
  { name: 'dispersion_largest_30s', unit: 'deg' },
  { name: 'saccade_frequency_30s', unit: '1/s' },
  { name: 'saccade_duration_mean_30s', unit: 'ms' },
  { name: 'saccade_amplitude_mean_30s', unit: 'deg' },
  { name: 'saccade_latency_mean_30s', unit: 'ms' },
];

export interface EyeWindow {
  readonly startS: number;
  readonly endS: number;
  /** Trailing statistics reach back to here and no further. */
  readonly trialStartS: number;
}

/** Answers for one window after the other, in the order of time. */
export class EyeFeatures {
  readonly #state: GazeState;
  readonly #pupils: Pupils;
  readonly #scanpath: Scanpath;
  /** Since the start: [tick][eye], and events in the order of time. */
  readonly #ticks: PupilSample[][] = [];
  readonly #events: GazeEvent[] = [];

  constructor(options: GazeOptions) {
    this.#state = new GazeState(options);
    this.#pupils = new Pupils(options.seed, options.subject);
    this.#scanpath = new Scanpath(options.seed);
  }

  /** [33] of EYE_FEATURES. */
  next(window: EyeWindow): Float32Array {
    const { startS, endS, trialStartS } = window;
    if (!(endS > startS && startS >= trialStartS && trialStartS >= 0)) {
      throw new AffectEdgeError('INTERNAL', `a window of ${startS}..${endS} s in a trial from ${trialStartS} s`);
    }
    while (this.#state.timeS < endS) {
      this.#state.advance();
      this.#ticks.push(this.#pupils.next(this.#state.values));
      this.#events.push(...this.#scanpath.advance(this.#state));
    }
    const trailingS = Math.max(trialStartS, endS - TRAILING_S);
    return Float32Array.from([
      ...this.#pupilFeatures(window, trailingS),
      ...windowEvents(this.#eventsIn(startS, endS)),
      ...trailingEvents(this.#eventsIn(trailingS, endS), endS - trailingS),
    ]);
  }

  #pupilFeatures({ startS, endS }: EyeWindow, trailingS: number): number[] {
    const between = (fromS: number) =>
      this.#ticks.slice(Math.round(fromS * TICKS_PER_S), Math.round(endS * TICKS_PER_S));
    const [now, trailing] = [between(startS), between(trailingS)];
    const diameters = EYES.map((_, eye) => now.map((tick) => tick[eye]!.diameter));
    return [
      ...diameters.map(mean),
      ...diameters.map(deviation),
      ...EYES.flatMap((_, eye) =>
        PUPIL_DE_BANDS.map((_, band) => deOfVariance(mean(trailing.map((tick) => tick[eye]!.powers[band]!)))),
      ),
    ];
  }

  /** An event belongs to the window in which it ends. */
  #eventsIn(fromS: number, toS: number): GazeEvent[] {
    return this.#events.filter(({ endS }) => endS > fromS && endS <= toS);
  }
}

/** 13 to 24. */
function windowEvents(events: readonly GazeEvent[]): number[] {
  const fixations = events.filter((event) => event.kind === 'fixation');
  const blinks = events.filter((event) => event.kind === 'blink').map(durationMs);
  const saccades = events.filter((event) => event.kind === 'saccade');
  const [x, y] = [0, 1].map((axis) => fixations.map(({ dispersionDeg }) => dispersionDeg[axis]!)) as [
    number[],
    number[],
  ];
  const lasted = fixations.map(durationMs);
  const [durations, amplitudes] = [saccades.map(durationMs), saccades.map(({ amplitudeDeg }) => amplitudeDeg)];
  return [
    ...[mean(x), mean(y), deviation(x), deviation(y)],
    ...[mean(lasted), deviation(lasted), mean(blinks), deviation(blinks)],
    ...[mean(durations), mean(amplitudes), deviation(durations), deviation(amplitudes)],
  ];
}

/** 25 to 33. */
function trailingEvents(events: readonly GazeEvent[], seconds: number): number[] {
  const fixations = events.filter((event) => event.kind === 'fixation');
  const saccades = events.filter((event) => event.kind === 'saccade');
  const blinks = events.filter((event) => event.kind === 'blink');
  const dispersions = fixations.map(({ dispersionDeg: [x, y] }) => x + y);
  const latencies = saccades.slice(1).map((saccade, i) => (saccade.startS - saccades[i]!.endS) * 1000);
  return [
    blinks.length / seconds,
    fixations.length / seconds,
    Math.max(0, ...fixations.map(durationMs)),
    dispersions.reduce((sum, dispersion) => sum + dispersion, 0),
    Math.max(0, ...dispersions),
    saccades.length / seconds,
    mean(saccades.map(durationMs)),
    mean(saccades.map(({ amplitudeDeg }) => amplitudeDeg)),
    mean(latencies),
  ];
}

function durationMs({ startS, endS }: GazeEvent): number {
  return (endS - startS) * 1000;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the values themselves, as NumPy's std. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
