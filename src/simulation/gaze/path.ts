/**
 * Gaze position and lid closure of a simulated person over time: the events of the scanpath, placed on a screen. An eye
 * tracker and an EOG amplifier of one seed measure the same movements at any rate.
 */

import { Random } from '../../random.ts';
import { type GazeEvent, Scanpath } from './scanpath.ts';
import { type GazeOptions, GazeState } from './state.ts';

/** Largest distance of the gaze from the centre of the screen. */
const REACH_DEG = [14, 9] as const;
/**
 * A blink event is the time that a tracker loses. The lids are half closed at its ends, and need twice these times to
 * move.
 */
const LID_HALF_CLOSING_S = 0.04;
const LID_HALF_OPENING_S = 0.06;

type Point = readonly [x: number, y: number];

export class GazePath {
  readonly #state: GazeState;
  readonly #scanpath: Scanpath;
  readonly #random: Random;
  /** Events after the current one, at least one. */
  readonly #ahead: GazeEvent[] = [];
  #event: GazeEvent;
  #from: Point = [0, 0];
  #to: Point = [0, 0];
  #blinkEndS = Number.NEGATIVE_INFINITY;
  /** Degrees from the centre of the screen: x to the right, y upwards. */
  xDeg = 0;
  yDeg = 0;
  /** From 0, open, to 1, closed; a tracker detects the pupil below 0.5. */
  lid = 0;

  constructor(options: GazeOptions) {
    this.#state = new GazeState(options);
    this.#scanpath = new Scanpath(options.seed);
    this.#random = new Random(options.seed, 'gaze path');
    this.#event = this.#begin();
  }

  /** The current event. */
  get event(): GazeEvent {
    return this.#event;
  }

  /** Whether the tracker cannot see the pupil. */
  get isClosed(): boolean {
    return this.#event.kind === 'blink';
  }

  /** Sets the fields to a time from 0, in seconds, which never decreases. */
  moveTo(timeS: number): void {
    while (this.#event.endS <= timeS) {
      if (this.#event.kind === 'blink') this.#blinkEndS = this.#event.endS;
      this.#event = this.#begin();
    }
    const { kind, startS, endS } = this.#event;
    const share = (timeS - startS) / (endS - startS);
    const moved = kind === 'saccade' ? smooth(share) : share;
    this.xDeg = this.#from[0] + (this.#to[0] - this.#from[0]) * moved;
    this.yDeg = this.#from[1] + (this.#to[1] - this.#from[1]) * moved;
    this.lid = this.#lidAt(timeS);
  }

  #lidAt(timeS: number): number {
    const event = this.#event.kind === 'blink' ? this.#event : this.#ahead[0]!;
    const opening = closing(this.#blinkEndS, -LID_HALF_OPENING_S, timeS);
    if (event.kind !== 'blink') return opening;
    const [down, up] = [
      closing(event.startS, LID_HALF_CLOSING_S, timeS),
      closing(event.endS, -LID_HALF_OPENING_S, timeS),
    ];
    return Math.max(opening, Math.min(down, up));
  }

  #begin(): GazeEvent {
    while (this.#ahead.length < 2) {
      this.#state.advance();
      this.#ahead.push(...this.#scanpath.advance(this.#state));
    }
    const event = this.#ahead.shift()!;
    this.#from = this.#to;
    const random = this.#random;
    if (event.kind === 'saccade') {
      const angle = 2 * Math.PI * random.uniform();
      this.#to = this.#landing([event.amplitudeDeg * Math.cos(angle), event.amplitudeDeg * Math.sin(angle)]);
    } else if (event.kind === 'fixation') {
      // Gaze drifts by the fixation's dispersion, in either direction.
      const [x, y] = event.dispersionDeg.map((width) => (random.uniform() < 0.5 ? -width : width)) as [number, number];
      this.#to = this.#landing([x, y]);
    }
    return event;
  }

  /** End of a step; a step that would leave the screen goes in the opposite direction. */
  #landing(step: Point): Point {
    const land = (axis: 0 | 1) => {
      const reach = REACH_DEG[axis];
      const ahead = this.#from[axis] + step[axis];
      if (Math.abs(ahead) <= reach) return ahead;
      return Math.max(-reach, Math.min(reach, this.#from[axis] - step[axis]));
    };
    return [land(0), land(1)];
  }
}

/** Changes from 0 to 1 around `centreS`; with a negative half duration from 1 to 0. */
function closing(centreS: number, halfS: number, timeS: number): number {
  return smooth(Math.min(1, Math.max(0, (1 + (timeS - centreS) / halfS) / 2)));
}

/** Minimum-jerk movement from 0 to 1 (Flash & Hogan 1985). */
function smooth(u: number): number {
  return u ** 3 * (10 - 15 * u + 6 * u ** 2);
}
