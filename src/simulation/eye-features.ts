/** Eye-movement features of a simulated person's windows, in the order of the SEED data sets' tables. */
import { deOfVariance } from '../dsp/differential-entropy.ts';
import { deviation, mean } from '../dsp/moments.ts';
import { AffectEdgeError } from '../errors.ts';
import { EYE_TRAILING_S, PUPIL_BANDS_HZ } from '../eye-features.ts';
import { type EyeEvents, trailingStatistics, windowStatistics } from '../stages/eye-statistics.ts';
import { type GazeOptions, GazeState } from './gaze-state.ts';
import { type PupilSample, Pupils } from './pupil.ts';
import { type GazeEvent, Scanpath } from './scanpath.ts';
import { TICKS_PER_S } from './sources.ts';

export { EYE_FEATURES } from '../eye-features.ts';

/** Left, right. */
const EYES = [0, 1] as const;

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
    const trailingS = Math.max(trialStartS, endS - EYE_TRAILING_S);
    return Float32Array.from([
      ...this.#pupilFeatures(window, trailingS),
      ...windowStatistics(this.#eventsIn(startS, endS)),
      ...trailingStatistics(this.#eventsIn(trailingS, endS), endS - trailingS),
    ]);
  }

  #pupilFeatures({ startS, endS }: EyeWindow, trailingS: number): number[] {
    const between = (fromS: number) =>
      this.#ticks.slice(Math.round(fromS * TICKS_PER_S), Math.round(endS * TICKS_PER_S));
    const [now, trailing] = [between(startS), between(trailingS)];
    const diameters = EYES.map((eye) => now.map((tick) => tick[eye]!.diameter));
    return [
      ...diameters.map(mean),
      ...diameters.map(deviation),
      ...EYES.flatMap((eye) =>
        PUPIL_BANDS_HZ.map((_, band) => deOfVariance(mean(trailing.map((tick) => tick[eye]!.powers[band]!)))),
      ),
    ];
  }

  /** An event belongs to the window in which it ends. */
  #eventsIn(fromS: number, toS: number): EyeEvents {
    const events = this.#events.filter(({ endS }) => endS > fromS && endS <= toS);
    const lasting = <Event extends GazeEvent>(event: Event) => ({ ...event, durationMs: durationMs(event) });
    return {
      fixations: events
        .filter((event) => event.kind === 'fixation')
        .map((event) => ({
          ...lasting(event),
          dispersionXDeg: event.dispersionDeg[0],
          dispersionYDeg: event.dispersionDeg[1],
        })),
      saccades: events.filter((event) => event.kind === 'saccade').map(lasting),
      blinks: events.filter((event) => event.kind === 'blink').map(lasting),
    };
  }
}

function durationMs({ startS, endS }: GazeEvent): number {
  return (endS - startS) * 1000;
}
