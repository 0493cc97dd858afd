/** The latest samples of an eye tracker as far as windows need them: whether they came, the gaze was seen, and the pupils. */
import { deviation, mean } from '../../dsp/moments.ts';

const NEVER_CAME = 0;
const CAME = 1;
const SEEN = 2;

export interface EyeSamples {
  readonly came: number;
  /** With a gaze. */
  readonly seen: number;
  /** Diameters that there are of the pupils X and Y: their number, mean and standard deviation. */
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
  /** NaN: none. */
  readonly #pupils: readonly [x: Float32Array, y: Float32Array];

  /** @param length samples that can be asked for */
  constructor(length: number) {
    const capacity = 2 ** Math.ceil(Math.log2(length));
    this.#mask = capacity - 1;
    this.#states = new Uint8Array(capacity);
    this.#pupils = [new Float32Array(capacity), new Float32Array(capacity)];
    this.reset();
  }

  push(n: number, isSeen: boolean, x: number, y: number): void {
    this.#set(n, isSeen ? SEEN : CAME, x, y);
  }

  /** Sample n never came. */
  miss(n: number): void {
    this.#set(n, NEVER_CAME, Number.NaN, Number.NaN);
  }

  /** The samples [from, to). */
  read(from: number, to: number): EyeSamples {
    let [came, seen] = [0, 0];
    for (let n = from; n < to; n++) {
      const state = this.#states[n & this.#mask]!;
      if (state !== NEVER_CAME) came++;
      if (state === SEEN) seen++;
    }
    const [x, y] = this.#pupils;
    return { came, seen, pupils: [this.#moments(x, from, to), this.#moments(y, from, to)] };
  }

  reset(): void {
    this.#states.fill(NEVER_CAME);
    for (const ring of this.#pupils) ring.fill(Number.NaN);
  }

  #moments(ring: Float32Array, from: number, to: number): PupilMoments {
    const values = new Float64Array(to - from);
    let count = 0;
    for (let n = from; n < to; n++) {
      const value = ring[n & this.#mask]!;
      if (!Number.isNaN(value)) values[count++] = value;
    }
    const there = values.subarray(0, count);
    return { count, mean: mean(there), std: deviation(there) };
  }

  #set(n: number, state: number, x: number, y: number): void {
    const at = n & this.#mask;
    this.#states[at] = state;
    this.#pupils[0][at] = x;
    this.#pupils[1][at] = y;
  }
}
