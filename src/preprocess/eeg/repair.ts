/**
 * Replaces bad channels of a filtered window by spherical-spline interpolation (Perrin et al. 1989), then applies the average
 * reference. Both are linear and constant over the window, so they cause no steps inside it and may be applied to each band
 * separately.
 */
import { splineWeights, type Vec3 } from '../../dsp/spherical-spline.ts';

/** With fewer good electrodes, or a larger share of bad ones, interpolation would be a guess. */
const FEWEST_GOOD = 16;
const MOST_BAD_SHARE = 0.25;
/** Number of sets of bad channels whose weights are cached; electrodes fail in few combinations. */
const KEPT_WEIGHTS = 32;

export interface RepairSetting {
  readonly channels: number;
  /** Window length in grid samples. */
  readonly size: number;
  /** Positions on the unit sphere, null where unknown; null as a whole: bad channels are not replaced. */
  readonly positions: readonly (Vec3 | null)[] | null;
  readonly averageReference: boolean;
}

/** Channels of one window: sample i of channel c is `data[c * stride + offset + i]`. */
export interface WindowSignal {
  readonly data: Float64Array;
  readonly offset: number;
  readonly stride: number;
}

export class Repair {
  readonly #setting: RepairSetting;
  readonly #scratch: Float64Array;
  readonly #mean: Float64Array;
  readonly #weights = new Map<string, Float64Array>();

  constructor(setting: RepairSetting) {
    this.#setting = setting;
    this.#scratch = new Float64Array(setting.channels * setting.size);
    this.#mean = new Float64Array(setting.size);
  }

  /** Which bad channels the montage allows to replace: all or none. */
  replaceable(bad: readonly boolean[]): boolean[] {
    const { positions, channels } = this.#setting;
    const count = bad.filter(Boolean).length;
    const allowed =
      positions?.every((position) => position !== null) === true &&
      channels - count >= FEWEST_GOOD &&
      count <= MOST_BAD_SHARE * channels;
    return bad.map((isBad) => isBad && allowed);
  }

  /** The signal itself where nothing changes, else a copy that is valid until the next call. */
  apply(signal: WindowSignal, bad: readonly boolean[], replaced: readonly boolean[]): WindowSignal {
    const { channels, size, averageReference } = this.#setting;
    const replaces = replaced.includes(true);
    if (!replaces && !averageReference) return signal;
    for (let c = 0; c < channels; c++) {
      const from = c * signal.stride + signal.offset;
      this.#scratch.set(signal.data.subarray(from, from + size), c * size);
    }
    if (replaces) this.#replace(replaced);
    if (averageReference) this.#rereference(bad.map((isBad, c) => !isBad || replaced[c]!));
    return { data: this.#scratch, offset: 0, stride: size };
  }

  #replace(replaced: readonly boolean[]): void {
    const { size } = this.#setting;
    const x = this.#scratch;
    const bad = indexesOf(replaced, true);
    const good = indexesOf(replaced, false);
    const weights = this.#weightsFor(good, bad);
    bad.forEach((to, row) => {
      x.fill(0, to * size, (to + 1) * size);
      good.forEach((from, column) => {
        const weight = weights[row * good.length + column]!;
        for (let i = 0; i < size; i++) x[to * size + i]! += weight * x[from * size + i]!;
      });
    });
  }

  #weightsFor(good: readonly number[], bad: readonly number[]): Float64Array {
    const key = bad.join();
    const kept = this.#weights.get(key);
    if (kept) return kept;
    const positions = this.#setting.positions as readonly Vec3[];
    const made = splineWeights(
      good.map((c) => positions[c]!),
      bad.map((c) => positions[c]!),
    );
    if (this.#weights.size >= KEPT_WEIGHTS) this.#weights.clear();
    this.#weights.set(key, made);
    return made;
  }

  /** Subtracts the mean of the trusted channels (of all, where none is trusted) from every channel. */
  #rereference(trusted: readonly boolean[]): void {
    const { channels, size } = this.#setting;
    const x = this.#scratch;
    const all = !trusted.includes(true);
    const members = indexesOf(trusted, !all);
    this.#mean.fill(0);
    for (const c of members) for (let i = 0; i < size; i++) this.#mean[i]! += x[c * size + i]!;
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < size; i++) x[c * size + i]! -= this.#mean[i]! / members.length;
    }
  }
}

function indexesOf(flags: readonly boolean[], wanted: boolean): number[] {
  return flags.flatMap((flag, c) => (flag === wanted ? [c] : []));
}
