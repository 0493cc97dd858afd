/** Reads an eye tracker's blocks sample by sample: gaze in degrees, pupils, and which eyes are lost. */
import type { Block, StreamInfo } from '../samples.ts';
import { type GazeLayout, gazeLayout, type ToDegrees, toDegrees } from './geometry.ts';

/** Time constant of the running distance between the two eyes' gaze. */
const DISPARITY_S = 0.1;

/** One sample of an eye tracker. Missing numbers are NaN. */
export interface GazeSample {
  /** On the stream's sample index. */
  readonly index: number;
  /** Whether there is a gaze direction; without one `xDeg` and `yDeg` are not valid. */
  readonly hasGaze: boolean;
  /** Mean gaze direction of both eyes, in degrees from the screen's centre; y grows downwards. */
  readonly xDeg: number;
  readonly yDeg: number;
  /** Horizontal gaze of each eye, from a tracker that reports two; else NaN. */
  readonly leftXDeg: number;
  readonly rightXDeg: number;
  /** Whether at least one eye is tracked. */
  readonly hasEyes: boolean;
  /** How many eyes have no pupil (no gaze, where the tracker reports no pupil). */
  readonly eyesLost: number;
  /** Diameters of the pupils X and Y in the tracker's unit: left and right, or a single one twice. */
  readonly pupilX: number;
  readonly pupilY: number;
}

/**
 * The gaze direction is the mean of both eyes. While one of them is missing, the other eye's direction is shifted by half
 * of the last known distance between them; otherwise each loss of one eye would be a jump that looks like a saccade.
 */
export class GazeReader {
  readonly layout: GazeLayout;
  readonly #toX: ToDegrees;
  readonly #toY: ToDegrees;
  readonly #gain: number;
  readonly #eyes: number;
  /** Right minus left gaze direction: x, y. */
  readonly #disparity = new Float64Array(2);
  #hasDisparity = false;
  /** Filled anew for each sample, so that reading allocates nothing. */
  readonly #sample: { -readonly [K in keyof GazeSample]: GazeSample[K] } = {
    index: 0,
    hasGaze: false,
    xDeg: Number.NaN,
    yDeg: Number.NaN,
    leftXDeg: Number.NaN,
    rightXDeg: Number.NaN,
    hasEyes: false,
    eyesLost: 0,
    pupilX: Number.NaN,
    pupilY: Number.NaN,
  };

  /** Throws `CONFIG_INVALID` for channels that are not gaze, and for pixels without a screen geometry. */
  constructor(info: StreamInfo) {
    this.layout = gazeLayout(info);
    [this.#toX, this.#toY] = toDegrees(this.layout.unit, info.geometry);
    this.#gain = -Math.expm1(-1 / (DISPARITY_S * info.sampleRateHz));
    this.#eyes = Math.max(this.layout.eyes.length, this.layout.pupilPerEye ? 2 : 1);
  }

  /** Sample i of a block; valid until the next call. */
  read(block: Block, i: number): GazeSample {
    const { eyes, pupils } = this.layout;
    const { data, length } = block;
    const sample = this.#sample;
    sample.index = block.firstSample + i;
    this.#readPupils(data, length, i);
    const leftPupil = this.#hasPupil(sample.pupilX);
    const rightPupil = this.#hasPupil(sample.pupilY);
    const left = eyes[0]!;
    const [lx, ly] = [data[left.x * length + i]!, data[left.y * length + i]!];
    if (eyes.length === 1) {
      this.#directOne(lx, ly, leftPupil || rightPupil);
      const lost = pupils.length === 0 ? !sample.hasGaze : !leftPupil;
      sample.eyesLost = this.#eyes === 1 ? Number(lost) : Number(!leftPupil) + Number(!rightPupil);
    } else {
      const right = eyes[1]!;
      const [rx, ry] = [data[right.x * length + i]!, data[right.y * length + i]!];
      const leftGaze = Number.isFinite(lx) && Number.isFinite(ly);
      const rightGaze = Number.isFinite(rx) && Number.isFinite(ry);
      sample.leftXDeg = this.#toX(lx);
      sample.rightXDeg = this.#toX(rx);
      this.#directTwo(leftGaze && leftPupil, rightGaze && rightPupil, ly, ry);
      const leftLost = pupils.length === 0 ? !leftGaze : !leftPupil;
      const rightLost = pupils.length === 0 ? !rightGaze : !rightPupil;
      sample.eyesLost = Number(leftLost) + Number(rightLost);
    }
    sample.hasEyes = sample.eyesLost < this.#eyes;
    return sample;
  }

  reset(): void {
    this.#disparity.fill(0);
    this.#hasDisparity = false;
  }

  #readPupils(data: Float32Array, length: number, i: number): void {
    const [x, y = x] = this.layout.pupils;
    if (x === undefined || y === undefined) return;
    this.#sample.pupilX = diameterOf(data[x * length + i]!);
    this.#sample.pupilY = x === y ? this.#sample.pupilX : diameterOf(data[y * length + i]!);
  }

  /** Whether an eye has its pupil. A single pupil, or the two diameters of one eye, count for both eyes. */
  #hasPupil(own: number): boolean {
    const { pupils, pupilPerEye } = this.layout;
    if (pupils.length === 0) return true;
    return pupilPerEye ? own > 0 : this.#sample.pupilX > 0 && this.#sample.pupilY > 0;
  }

  #directOne(x: number, y: number, hasPupil: boolean): void {
    const sample = this.#sample;
    sample.hasGaze = hasPupil && Number.isFinite(x) && Number.isFinite(y);
    if (!sample.hasGaze) return;
    sample.xDeg = this.#toX(x);
    sample.yDeg = this.#toY(y);
  }

  #directTwo(left: boolean, right: boolean, ly: number, ry: number): void {
    const sample = this.#sample;
    sample.hasGaze = left || right;
    if (!sample.hasGaze) return;
    const { leftXDeg, rightXDeg } = sample;
    const apart = this.#disparity;
    if (left && right) {
      const [leftYDeg, rightYDeg] = [this.#toY(ly), this.#toY(ry)];
      sample.xDeg = (leftXDeg + rightXDeg) / 2;
      sample.yDeg = (leftYDeg + rightYDeg) / 2;
      const gain = this.#hasDisparity ? this.#gain : 1;
      apart[0]! += gain * (rightXDeg - leftXDeg - apart[0]!);
      apart[1]! += gain * (rightYDeg - leftYDeg - apart[1]!);
      this.#hasDisparity = true;
      return;
    }
    sample.xDeg = left ? leftXDeg + apart[0]! / 2 : rightXDeg - apart[0]! / 2;
    sample.yDeg = left ? this.#toY(ly) + apart[1]! / 2 : this.#toY(ry) - apart[1]! / 2;
  }
}

/** NaN where the tracker reports no diameter. */
function diameterOf(value: number): number {
  return value > 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN;
}
