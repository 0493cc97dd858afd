/** Signal added by the electrode and the amplifier's input: offset, drift, mains hum and white noise. */

import { Random } from '../../random.ts';
import type { Preset } from '../presets.ts';
import { SOURCE_RATE_HZ, TICKS_PER_S } from '../sources.ts';

const LINE_HZ = 50;
const DRIFT_TIME_S = 30;

export class Electrode {
  readonly #random: Random;
  readonly #noiseUv: number;
  readonly #driftUv: number;
  readonly #offsetUv: number;
  /** One period of the mains. */
  readonly #line: Float64Array;
  #drift: number;

  constructor(seed: number, label: string, preset: Preset) {
    this.#random = new Random(seed, 'electrode', label);
    this.#noiseUv = preset.electrodeUv;
    this.#driftUv = preset.driftUv;
    this.#offsetUv = preset.offsetUv * this.#random.normal();
    this.#drift = this.#driftUv * this.#random.normal();
    const lineUv = preset.lineUv * (0.5 + this.#random.uniform());
    const phase = 2 * Math.PI * this.#random.uniform();
    const period = SOURCE_RATE_HZ / LINE_HZ;
    this.#line = Float64Array.from({ length: period }, (_, i) => lineUv * Math.sin((2 * Math.PI * i) / period + phase));
  }

  /** Writes the next tick, which has a whole number of mains periods. */
  fill(out: Float64Array): void {
    const { length } = out;
    const line = this.#line;
    const random = this.#random;
    const keep = Math.exp(-1 / (DRIFT_TIME_S * TICKS_PER_S));
    const next = keep * this.#drift + this.#driftUv * Math.sqrt(1 - keep ** 2) * random.normal();
    const step = (next - this.#drift) / length;
    let value = this.#offsetUv + this.#drift;
    for (let i = 0; i < length; i++) {
      out[i] = value + line[i % line.length]! + this.#noiseUv * random.normal();
      value += step;
    }
    this.#drift = next;
  }
}
