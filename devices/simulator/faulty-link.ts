import { Random } from '../../src/random.ts';
import type { Faults } from './faults.ts';

/** Bytes that are sent together. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Index of its first sample and number of samples: 0 for a description or a marker. */
  readonly sample: number;
  readonly samples: number;
}

/** Exact outcome of the samples. `made` is the sum of the others. */
export interface DeliveryCounts {
  readonly made: number;
  /** Sent whole and in order. */
  readonly delivered: number;
  readonly dropped: number;
  readonly damaged: number;
  /** Sent after their successor. */
  readonly late: number;
}

const REMEMBERED = 64;

type Outcome = Exclude<keyof DeliveryCounts, 'made'>;

/** Seeded link from the device to the host that loses, damages, swaps and delays frames according to its faults. */
export class FaultyLink {
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #counts = { made: 0, delivered: 0, dropped: 0, damaged: 0, late: 0 };
  #inBurst = false;
  /** A frame held back until its successor has been sent. */
  #overtaken: Frame | undefined;
  #waiting: { readonly frame: Frame; readonly outcome: Outcome }[] = [];
  /** Outcomes of the newest samples. A sample may need two frames (Daisy); it counts once, with the worse outcome. */
  readonly #outcomes = new Map<number, Outcome>();

  constructor(faults: Faults, seed: number) {
    this.#faults = faults;
    this.#random = new Random('faults', seed);
  }

  get counts(): DeliveryCounts {
    return { ...this.#counts };
  }

  /** Sends frames and returns the bytes that reach the host now. @param runS time since the start of streaming. */
  carry(frames: readonly Frame[], runS: number): Uint8Array[] {
    const stalled = this.#isStalled(runS);
    if (stalled && this.#faults.stall?.lost) {
      for (const frame of frames) this.#account(frame, 'dropped');
      return [];
    }
    for (const frame of frames) this.#pass(frame);
    return stalled ? [] : this.#release();
  }

  /** The stream has ended: returns all waiting frames. */
  finish(): Uint8Array[] {
    if (this.#overtaken) this.#waiting.push({ frame: this.#overtaken, outcome: 'delivered' });
    this.#overtaken = undefined;
    return this.#release();
  }

  /** The cable was unplugged: all waiting frames are lost. */
  cut(): void {
    if (this.#overtaken) this.#account(this.#overtaken, 'dropped');
    for (const { frame } of this.#waiting) this.#account(frame, 'dropped');
    this.#overtaken = undefined;
    this.#waiting = [];
    this.#outcomes.clear();
  }

  #release(): Uint8Array[] {
    const released = this.#waiting;
    this.#waiting = [];
    return released.map(({ frame, outcome }) => {
      this.#account(frame, outcome);
      return frame.bytes;
    });
  }

  #pass(frame: Frame): void {
    const { reorder = 0, corrupt = 0 } = this.#faults;
    if (this.#isLost()) {
      this.#account(frame, 'dropped');
    } else if (corrupt > 0 && this.#random.uniform() < corrupt) {
      this.#waiting.push({ frame: { ...frame, bytes: damage(frame.bytes, this.#random) }, outcome: 'damaged' });
    } else if (frame.samples > 0 && !this.#overtaken && reorder > 0 && this.#random.uniform() < reorder) {
      this.#overtaken = frame;
    } else {
      this.#waiting.push({ frame, outcome: 'delivered' });
      if (this.#overtaken && frame.samples > 0) {
        this.#waiting.push({ frame: this.#overtaken, outcome: 'late' });
        this.#overtaken = undefined;
      }
    }
  }

  #account({ sample, samples }: Frame, outcome: Outcome): void {
    if (samples === 0) return;
    const before = this.#outcomes.get(sample);
    if (before === undefined) this.#counts.made += samples;
    else if (before !== 'delivered' || outcome === 'delivered') return;
    else this.#counts.delivered -= samples;
    this.#counts[outcome] += samples;
    this.#outcomes.set(sample, outcome);
    if (this.#outcomes.size > REMEMBERED) this.#outcomes.delete(this.#outcomes.keys().next().value!);
  }

  #isStalled(runS: number): boolean {
    const stall = this.#faults.stall;
    return stall !== undefined && runS >= stall.everyS && runS % stall.everyS < stall.forS;
  }

  /** Two states (Gilbert 1960, "Capacity of a burst-noise channel"): within a burst all frames are lost. */
  #isLost(): boolean {
    const { share, burst } = this.#faults.loss ?? { share: 0, burst: 1 };
    if (share === 0) return false;
    const begins = share / (burst * (1 - share));
    this.#inBurst = this.#random.uniform() < (this.#inBurst ? 1 - 1 / burst : begins);
    return this.#inBurst;
  }
}

/** Flips a bit, or inserts or deletes up to 4 bytes, so that the frame is never intact. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.integer(1, bytes.length - 6);
  const kind = random.integer(0, 2);
  if (kind === 0) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << random.integer(0, 7);
    return flipped;
  }
  const count = random.integer(1, 4);
  if (kind === 1) return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + count));
  const noise = Uint8Array.from({ length: count }, () => random.integer(0, 255));
  if (noise[0] === bytes[at]) noise[0] = ~noise[0]!;
  return Uint8Array.of(...bytes.subarray(0, at), ...noise, ...bytes.subarray(at));
}
