/** The latest samples of an eye tracker in a ring buffer: received or lost, with gaze or without, and the pupils. */
import { deviation, mean } from '../../dsp/moments.ts';

const LOST = 0;
const NO_GAZE = 1;
const GAZE = 2;

export interface EyeSamples {
  readonly received: number;
  readonly withGaze: number;
  /** Measured diameters of the pupils X and Y. */
  readonly pupils: readonly [x: PupilMoments, y: PupilMoments];
}

interface PupilMoments {
  readonly count: number;
  readonly mean: number;
  readonly std: number;
}

export class EyeRecord {
  readonly #mask: number;
  readonly #states: Uint8Array;
  /** NaN: not measured. */
  readonly #pupils: readonly [x: Float32Array, y: Float32Array];

  /** @param length largest number of samples that `read` is asked for */
  constructor(length: number) {
    const capacity = 2 ** Math.ceil(Math.log2(length));
    this.#mask = capacity - 1;
    this.#states = new Uint8Array(capacity);
    this.#pupils = [new Float32Array(capacity), new Float32Array(capacity)];
    this.reset();
  }

  push(n: number, hasGaze: boolean, x: number, y: number): void {
    this.#set(n, hasGaze ? GAZE : NO_GAZE, x, y);
  }

  /** Sample n was lost. */
  miss(n: number): void {
    this.#set(n, LOST, Number.NaN, Number.NaN);
  }

  /** The samples [from, to). */
  read(from: number, to: number): EyeSamples {
    let [received, withGaze] = [0, 0];
    for (let n = from; n < to; n++) {
      const state = this.#states[n & this.#mask]!;
      if (state !== LOST) received++;
      if (state === GAZE) withGaze++;
    }
    const [x, y] = this.#pupils;
    return { received, withGaze, pupils: [this.#moments(x, from, to), this.#moments(y, from, to)] };
  }

  reset(): void {
    this.#states.fill(LOST);
    for (const ring of this.#pupils) ring.fill(Number.NaN);
  }

  #moments(ring: Float32Array, from: number, to: number): PupilMoments {
    const values = new Float64Array(to - from);
    let count = 0;
    for (let n = from; n < to; n++) {
      const value = ring[n & this.#mask]!;
      if (!Number.isNaN(value)) values[count++] = value;
    }
    const measured = values.subarray(0, count);
    return { count, mean: mean(measured), std: deviation(measured) };
  }

  #set(n: number, state: number, x: number, y: number): void {
    const at = n & this.#mask;
    this.#states[at] = state;
    this.#pupils[0][at] = x;
    this.#pupils[1][at] = y;
  }
}
