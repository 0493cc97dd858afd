/**
 * Cascaded second-order sections running over many channels (direct form II transposed, Float64 state: a Float32 state
 * is tens of microvolts off under an electrode offset of 187 mV). Every channel is its own recursion, sample by sample,
 * so the output does not depend on how the input is cut.
 */
const SECTION_SIZE = 5;
const PAIR_SIZE = 2 * SECTION_SIZE;
/** State of a pair of sections: s1, s2 of the first, s1, s2 of the second. */
const PAIR_STATE = 4;
/** Passes its input through: it completes an odd number of sections to pairs. */
const IDENTITY = [1, 0, 0, 0, 0];

export class SosBank {
  readonly channels: number;
  readonly #sos: Float64Array;
  readonly #pairs: number;
  readonly #state: Float64Array;

  /** @param sos [b0, b1, b2, a1, a2] a section, sections in running order; the state starts at zero */
  constructor(sos: Float64Array, channels: number) {
    const odd = (sos.length / SECTION_SIZE) % 2 === 1;
    this.#sos = odd ? Float64Array.of(...sos, ...IDENTITY) : sos.slice();
    this.#pairs = this.#sos.length / PAIR_SIZE;
    this.channels = channels;
    this.#state = new Float64Array(channels * this.#pairs * PAIR_STATE);
  }

  /** The state that a constant input of `first[c]` in channel c leaves after infinite time (SciPy's `lfilter_zi * x0`). */
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

/** Two sections in one pass: their recursions overlap in the processor, and all they need fits its registers. */
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
