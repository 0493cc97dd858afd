/** Pupil diameters of a simulated person: a mean that follows the emotion, and fluctuations in four frequency bands. */
import { butterworthLowPass } from '../../dsp/butterworth.ts';
import { Random } from '../../random.ts';
import { Noise } from '../noise.ts';
import { TICKS_PER_S } from '../sources.ts';
import { type GazeOptions, GazeState } from './state.ts';
import { ANISOCORIA, OWN_FLUCTUATION, PUPIL_BANDS } from './statistics.ts';

/** Left, right. */
const EYES = [0, 1] as const;
/** Low-pass of the envelopes: order, and cut-off as a share of half the band, which leaves room for its slope. */
const ORDER = 6;
const CUT = 0.8;
/** The impulse response of the narrowest low-pass has decayed after this time. */
const SETTLE_TICKS = 200 * TICKS_PER_S;
/**
 * Values of an eye at a tick: the diameter, then in-phase and quadrature components at each band's centre frequency.
 */
const VALUES = 1 + 2 * PUPIL_BANDS.length;

export class Pupils {
  readonly #state: GazeState;
  readonly #scales: readonly [left: number, right: number];
  /** [band][in phase, in quadrature] noise common to both eyes, and of each eye alone. */
  readonly #common: readonly Noise[][];
  readonly #own: readonly (readonly Noise[][])[];
  readonly #draw = new Float64Array(1);
  /** [eye * VALUES] at the ticks before and after the current time. */
  #before = new Float64Array(EYES.length * VALUES);
  #after = new Float64Array(EYES.length * VALUES);
  #tick = -1;
  readonly #diametersMm = new Float64Array(EYES.length);

  constructor(options: GazeOptions) {
    const { seed, subject } = options;
    this.#state = new GazeState(options);
    const anisocoria = ANISOCORIA * new Random('subject', subject, 'gaze', 'anisocoria').normal();
    this.#scales = [Math.exp(-anisocoria / 2), Math.exp(anisocoria / 2)];
    const envelopes = (eye: string) =>
      PUPIL_BANDS.map(({ hz: [lo, hi] }) => {
        const sections = butterworthLowPass(ORDER, (CUT * (hi - lo)) / 2, TICKS_PER_S);
        return ['in phase', 'in quadrature'].map(
          (part) => new Noise(new Random(seed, 'pupil', eye, lo, part), sections, SETTLE_TICKS),
        );
      });
    this.#common = envelopes('both');
    this.#own = [envelopes('left'), envelopes('right')];
    this.#advance();
    this.#advance();
  }

  /** Left, right, at the time of the last `moveTo`; always the same array. */
  get diametersMm(): Float64Array {
    return this.#diametersMm;
  }

  /** Moves to a time from 0, in seconds, which never decreases. */
  moveTo(timeS: number): void {
    while (timeS * TICKS_PER_S >= this.#tick) this.#advance();
    const share = timeS * TICKS_PER_S - (this.#tick - 1);
    const [before, after] = [this.#before, this.#after];
    const between = (i: number) => before[i]! + share * (after[i]! - before[i]!);
    for (const eye of EYES) {
      let i = eye * VALUES;
      let diameter = between(i++);
      for (const { hz } of PUPIL_BANDS) {
        const turn = Math.PI * (hz[0] + hz[1]) * timeS;
        diameter += between(i++) * Math.cos(turn) - between(i++) * Math.sin(turn);
      }
      this.#diametersMm[eye] = diameter;
    }
  }

  #advance(): void {
    if (this.#tick >= 0) this.#state.advance();
    this.#tick++;
    [this.#before, this.#after] = [this.#after, this.#before];
    const { values } = this.#state;
    const out = this.#after;
    for (const eye of EYES) out[eye * VALUES] = this.#scales[eye] * values.pupilMm;
    for (const [b, { part, share }] of PUPIL_BANDS.entries()) {
      const mm = values[part] * Math.sqrt(share);
      for (const component of [0, 1]) {
        const common = Math.sqrt(1 - OWN_FLUCTUATION) * this.#next(this.#common[b]![component]!);
        for (const eye of EYES) {
          const fluctuation = common + Math.sqrt(OWN_FLUCTUATION) * this.#next(this.#own[eye]![b]![component]!);
          out[eye * VALUES + 1 + 2 * b + component] = this.#scales[eye] * mm * fluctuation;
        }
      }
    }
  }

  #next(noise: Noise): number {
    noise.fill(this.#draw);
    return this.#draw[0]!;
  }
}
