/**
 * A simulated person's electro-oculogram: the gaze of the simulator's scanpath as the dipole of the eye shows it at
 * electrodes beside and above the eyes. Its events follow the emotion as the simulated eye movement does (see
 * src/simulation/gaze-statistics.ts); what is added here says nothing about it.
 */
import { type GazeOptions, GazeState } from '../../src/simulation/gaze-state.ts';
import { Random } from '../../src/simulation/random.ts';
import { type GazeEvent, Scanpath } from '../../src/simulation/scanpath.ts';
import { EOG_CHANNELS, EOG_RATE_HZ } from './recordings.ts';

/**
 * Of the corneo-retinal dipole: about 16 uV per degree horizontally, less vertically (Malmivuo & Plonsey 1995, ch.
 * 28).
 */
const UV_PER_DEG = [16, 12] as const;
/** How far gaze goes from the middle of a screen, degrees. */
const REACH_DEG = [14, 9] as const;
/** Peak of a blink in each channel, uV: the lid slides over the cornea, which the vertical channel sees. */
const BLINK_UV = [15, 220] as const;
/** Between people, of the logarithm of the gain. */
const GAIN_SD = 0.15;
const NOISE_UV = 2;
/** Wandering of the electrodes' potential. */
const DRIFT_UV = 10;
const DRIFT_S = 5;

type Point = readonly [x: number, y: number];

export class EogSignal {
  readonly #state: GazeState;
  readonly #scanpath: Scanpath;
  readonly #random: Random;
  readonly #gain: number;
  readonly #events: GazeEvent[] = [];
  readonly #drift = [0, 0];
  #sample = 0;
  #event: GazeEvent | null = null;
  #from: Point = [0, 0];
  #to: Point = [0, 0];

  constructor(options: GazeOptions) {
    this.#state = new GazeState(options);
    this.#scanpath = new Scanpath(options.seed);
    this.#random = new Random(options.seed, 'eog');
    this.#gain = Math.exp(GAIN_SD * new Random('subject', options.subject, 'eog').normal());
  }

  /** The next `length` samples, channel-major [2 * length] in the order of EOG_CHANNELS, uV. */
  next(length: number): Float32Array {
    const data = new Float32Array(EOG_CHANNELS.length * length);
    const keep = Math.exp(-1 / (DRIFT_S * EOG_RATE_HZ));
    for (let i = 0; i < length; i++) {
      const timeS = this.#sample++ / EOG_RATE_HZ;
      const event = this.#eventAt(timeS);
      const progress = (timeS - event.startS) / (event.endS - event.startS);
      for (const channel of EOG_CHANNELS.keys()) {
        const moved = event.kind === 'saccade' ? smooth(progress) : progress;
        const gaze = this.#from[channel]! + (this.#to[channel]! - this.#from[channel]!) * moved;
        const lid = event.kind === 'blink' ? BLINK_UV[channel]! * Math.sin(Math.PI * progress) ** 2 : 0;
        this.#drift[channel] =
          keep * this.#drift[channel]! + DRIFT_UV * Math.sqrt(1 - keep ** 2) * this.#random.normal();
        data[channel * length + i] =
          this.#gain * (gaze * UV_PER_DEG[channel]! + lid) + this.#drift[channel]! + NOISE_UV * this.#random.normal();
      }
    }
    return data;
  }

  #eventAt(timeS: number): GazeEvent {
    while (this.#event === null || this.#event.endS <= timeS) {
      while (this.#events.length === 0) {
        this.#state.advance();
        this.#events.push(...this.#scanpath.advance(this.#state));
      }
      this.#begin(this.#events.shift()!);
    }
    return this.#event;
  }

  #begin(event: GazeEvent): void {
    this.#event = event;
    this.#from = this.#to;
    const random = this.#random;
    if (event.kind === 'saccade') {
      const angle = 2 * Math.PI * random.uniform();
      this.#to = this.#landing([event.amplitudeDeg * Math.cos(angle), event.amplitudeDeg * Math.sin(angle)]);
    } else if (event.kind === 'fixation') {
      // Gaze drifts by the fixation's dispersion, either way.
      const [x, y] = event.dispersionDeg.map((width) => (random.uniform() < 0.5 ? -width : width)) as [number, number];
      this.#to = this.#landing([x, y]);
    }
  }

  /** Rather back from the edge of the screen by the same step than past it. */
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

/** Speeds up and slows down again, least jerk. */
function smooth(u: number): number {
  return u ** 3 * (10 - 15 * u + 6 * u ** 2);
}
