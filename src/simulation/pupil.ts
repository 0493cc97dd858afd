/** Both pupils of a simulated person, a tick at a time: a mean diameter and the unrest around it in four bands. */
import { ANISOCORIA, type GazeStatistic, OWN_UNREST, PUPIL_BANDS } from './gaze-statistics.ts';
import { Random } from './random.ts';
import { TICKS_PER_S } from './sources.ts';

/** Noise of one band as a slowly turning pair (in phase, in quadrature), each of unit variance. */
class Envelope {
  readonly #random: Random;
  readonly #keep: number;
  #i: number;
  #q: number;

  constructor(random: Random, bandwidthHz: number) {
    this.#random = random;
    // A band between half-power points is an Ornstein-Uhlenbeck envelope with this time constant.
    this.#keep = Math.exp((-Math.PI * bandwidthHz) / TICKS_PER_S);
    this.#i = random.normal();
    this.#q = random.normal();
  }

  next(): readonly [i: number, q: number] {
    const added = Math.sqrt(1 - this.#keep ** 2);
    this.#i = this.#keep * this.#i + added * this.#random.normal();
    this.#q = this.#keep * this.#q + added * this.#random.normal();
    return [this.#i, this.#q];
  }
}

export interface PupilSample {
  /** mm */
  readonly diameter: number;
  /** mm^2 in each band of PUPIL_BANDS */
  readonly powers: readonly number[];
}

export class Pupils {
  readonly #scales: readonly number[];
  /** [common, left, right][band] */
  readonly #envelopes: readonly (readonly Envelope[])[];
  #tick = 0;

  constructor(seed: number, subject: number) {
    const anisocoria = ANISOCORIA * new Random('subject', subject, 'gaze', 'anisocoria').normal();
    this.#scales = [Math.exp(-anisocoria / 2), Math.exp(anisocoria / 2)];
    this.#envelopes = ['both', 'left', 'right'].map((eye) =>
      PUPIL_BANDS.map(({ hz: [lo, hi] }) => new Envelope(new Random(seed, 'pupil', eye, lo), hi - lo)),
    );
  }

  /** The left and the right one under the statistics of the next tick. */
  next(statistics: Readonly<Record<GazeStatistic, number>>): PupilSample[] {
    this.#tick++;
    const [common, ...own] = this.#envelopes.map((bands) => bands.map((envelope) => envelope.next()));
    return this.#scales.map((scale, eye) => {
      let unrest = 0;
      const powers = PUPIL_BANDS.map(({ hz: [lo, hi], part, share }, b) => {
        const mm = scale * statistics[part] * Math.sqrt(share);
        const mixed = (component: 0 | 1) =>
          Math.sqrt(1 - OWN_UNREST) * common![b]![component] + Math.sqrt(OWN_UNREST) * own[eye]![b]![component];
        const [i, q] = [mixed(0), mixed(1)];
        const turn = (2 * Math.PI * ((lo + hi) / 2) * this.#tick) / TICKS_PER_S;
        unrest += mm * (i * Math.cos(turn) - q * Math.sin(turn));
        return (mm ** 2 * (i ** 2 + q ** 2)) / 2;
      });
      return { diameter: scale * statistics.pupilMm + unrest, powers };
    });
  }
}
