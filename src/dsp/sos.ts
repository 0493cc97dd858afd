/**
 * Cascaded second-order sections that filter many channels (direct form II transposed; Oppenheim and Schafer,
 * Discrete-Time Signal Processing, chapter 6). The state is Float64: with an electrode offset of 187 mV, a Float32 state
 * has errors of tens of microvolts. Each channel is filtered sample by sample, so the output does not depend on how the
 * input is cut into blocks.
 */

/** Coefficients of a section: b0, b1, b2, a1, a2, with a0 = 1. */
export const SECTION_SIZE = 5;
const PAIR_SIZE = 2 * SECTION_SIZE;
/** State of a pair of sections: s1 and s2 of the first, then of the second. */
const PAIR_STATE = 4;
/** A section that does not change its input. It is added to an odd number of sections to make pairs. */
const IDENTITY = [1, 0, 0, 0, 0];

export class SosBank {
  readonly channels: number;
  readonly #sos: Float64Array;
  readonly #pairs: number;
  readonly #state: Float64Array;

  /** @param sos [sections, SECTION_SIZE], in the order of filtering; the state starts at zero */
  constructor(sos: Float64Array, channels: number) {
    const odd = (sos.length / SECTION_SIZE) % 2 === 1;
    this.#sos = odd ? Float64Array.of(...sos, ...IDENTITY) : sos.slice();
    this.#pairs = this.#sos.length / PAIR_SIZE;
    this.channels = channels;
    this.#state = new Float64Array(channels * this.#pairs * PAIR_STATE);
  }

  /** Sets the steady state for a constant input of `first[c]` in channel c (SciPy's `sosfilt_zi * x0`). */
  seed(first: ArrayLike<number>): void {
    let at = 0;
    for (let c = 0; c < this.channels; c++) {
      let input = first[c]!;
      for (let k = 0; k < this.#sos.length; k += SECTION_SIZE) {
        const [b0, b1, b2, a1, a2] = this.#sos.subarray(k, k + SECTION_SIZE) as unknown as Section;
        const output = ((b0 + b1 + b2) / (1 + a1 + a2)) * input;
        this.#state[at++] = output - b0 * input;
        this.#state[at++] = b2 * input - a2 * output;
        input = output;
      }
    }
  }

  zero(): void {
    this.#state.fill(0);
  }

  /** Filters in place; channel c is `data[c * stride]` to `data[c * stride + length - 1]`. */
  process(data: Float64Array, stride: number, length: number): void {
    let at = 0;
    for (let c = 0; c < this.channels; c++) {
      for (let pair = 0; pair < this.#pairs; pair++, at += PAIR_STATE) {
        runPair(data, c * stride, length, this.#sos, pair * PAIR_SIZE, this.#state, at);
      }
    }
  }
}

type Section = readonly [number, number, number, number, number];

/** Runs two sections in one pass, which is faster: their recursions overlap and fit the processor's registers. */
function runPair(
  x: Float64Array,
  from: number,
  length: number,
  sos: Float64Array,
  k: number,
  state: Float64Array,
  at: number,
): void {
  const b0 = sos[k]!;
  const b1 = sos[k + 1]!;
  const b2 = sos[k + 2]!;
  const a1 = sos[k + 3]!;
  const a2 = sos[k + 4]!;
  const d0 = sos[k + 5]!;
  const d1 = sos[k + 6]!;
  const d2 = sos[k + 7]!;
  const c1 = sos[k + 8]!;
  const c2 = sos[k + 9]!;
  let s1 = state[at]!;
  let s2 = state[at + 1]!;
  let t1 = state[at + 2]!;
  let t2 = state[at + 3]!;
  for (let i = from, end = from + length; i < end; i++) {
    const input = x[i]!;
    const middle = b0 * input + s1;
    s1 = b1 * input - a1 * middle + s2;
    s2 = b2 * input - a2 * middle;
    const output = d0 * middle + t1;
    t1 = d1 * middle - c1 * output + t2;
    t2 = d2 * middle - c2 * output;
    x[i] = output;
  }
  state[at] = s1;
  state[at + 1] = s2;
  state[at + 2] = t1;
  state[at + 3] = t2;
}
