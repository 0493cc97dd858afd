/** The gaze of both eyes as one direction in degrees, and which eyes are lost, sample by sample. */

import type { Block, StreamInfo } from '../samples.ts';
import type { EyeOrder } from './eye-order.ts';
import { type GazeLayout, gazeLayout, type ToDegrees, toDegrees } from './geometry.ts';

/** Time constant of the running distance between the eyes' gaze. */
const DISPARITY_S = 0.1;

/**
 * The mean of both eyes. While one of them is missing, the other one is moved by half of the distance that their gaze
 * last had: else each loss of one eye would be a jump, which looks like a saccade.
 */
export class GazeSignal {
  readonly layout: GazeLayout;
  readonly #toX: ToDegrees;
  readonly #toY: ToDegrees;
  readonly #gain: number;
  /** x, y of the direction; right less left in x, y. */
  readonly #now = new Float64Array(2);
  readonly #disparity = new Float64Array(2);
  #paired = false;
  /** There is a direction at this sample. */
  isSeen = false;
  /** How many eyes have no pupil (no gaze, where the tracker gives no pupil), of how many. */
  eyesLost = 0;
  readonly eyes: number;

  /** Throws `CONFIG_INVALID`: no gaze channels, or pixels without a geometry. */
  constructor(info: StreamInfo) {
    this.layout = gazeLayout(info);
    [this.#toX, this.#toY] = toDegrees(this.layout.unit, info.geometry);
    this.#gain = -Math.expm1(-1 / (DISPARITY_S * info.sampleRateHz));
    this.eyes = Math.max(this.layout.eyes.length, this.layout.pupilPerEye ? 2 : 1);
  }

  get x(): number {
    return this.#now[0]!;
  }

  get y(): number {
    return this.#now[1]!;
  }

  /** Where each of two eyes looks along x, until so many pairs are known. */
  readOrder({ data, length }: Block, order: EyeOrder, enough: number): void {
    const [left, right] = this.layout.eyes;
    if (!left || !right) return;
    for (let i = 0; i < length && order.pairs < enough; i++) {
      order.push(this.#toX(data[left.x * length + i]!), this.#toX(data[right.x * length + i]!));
    }
  }

  /** Reads sample i of a block. */
  read(block: Block, i: number): void {
    const { eyes, pupils } = this.layout;
    const { data, length } = block;
    const left = eyes[0]!;
    const leftPupil = this.#hasPupil(data, length, i, 0);
    const rightPupil = this.#hasPupil(data, length, i, 1);
    if (eyes.length === 1) {
      this.#readOne(data[left.x * length + i]!, data[left.y * length + i]!, leftPupil || rightPupil);
      const lost = pupils.length === 0 ? !this.isSeen : !leftPupil;
      this.eyesLost = this.eyes === 1 ? Number(lost) : Number(!leftPupil) + Number(!rightPupil);
      return;
    }
    const right = eyes[1]!;
    const [lx, ly] = [data[left.x * length + i]!, data[left.y * length + i]!];
    const [rx, ry] = [data[right.x * length + i]!, data[right.y * length + i]!];
    const leftGaze = Number.isFinite(lx) && Number.isFinite(ly);
    const rightGaze = Number.isFinite(rx) && Number.isFinite(ry);
    this.#readTwo(leftGaze && leftPupil, rightGaze && rightPupil, lx, ly, rx, ry);
    const leftLost = pupils.length === 0 ? !leftGaze : !leftPupil;
    const rightLost = pupils.length === 0 ? !rightGaze : !rightPupil;
    this.eyesLost = Number(leftLost) + Number(rightLost);
  }

  reset(): void {
    this.#disparity.fill(0);
    this.#paired = false;
  }

  /** Whether eye `eye` has its pupil; a single pupil, or one eye's two diameters, stand for both. */
  #hasPupil(data: Float32Array, length: number, i: number, eye: 0 | 1): boolean {
    const { pupils, pupilPerEye } = this.layout;
    if (pupils.length === 0) return true;
    if (pupilPerEye) return data[pupils[eye]! * length + i]! > 0;
    for (const pupil of pupils) if (!(data[pupil * length + i]! > 0)) return false;
    return true;
  }

  #readOne(x: number, y: number, hasPupil: boolean): void {
    this.isSeen = hasPupil && Number.isFinite(x) && Number.isFinite(y);
    if (!this.isSeen) return;
    this.#now[0] = this.#toX(x);
    this.#now[1] = this.#toY(y);
  }

  #readTwo(left: boolean, right: boolean, lx: number, ly: number, rx: number, ry: number): void {
    this.isSeen = left || right;
    if (!this.isSeen) return;
    const apart = this.#disparity;
    if (left && right) {
      const [lxDeg, lyDeg, rxDeg, ryDeg] = [this.#toX(lx), this.#toY(ly), this.#toX(rx), this.#toY(ry)];
      this.#now[0] = (lxDeg + rxDeg) / 2;
      this.#now[1] = (lyDeg + ryDeg) / 2;
      const gain = this.#paired ? this.#gain : 1;
      apart[0]! += gain * (rxDeg - lxDeg - apart[0]!);
      apart[1]! += gain * (ryDeg - lyDeg - apart[1]!);
      this.#paired = true;
      return;
    }
    this.#now[0] = left ? this.#toX(lx) + apart[0]! / 2 : this.#toX(rx) - apart[0]! / 2;
    this.#now[1] = left ? this.#toY(ly) + apart[1]! / 2 : this.#toY(ry) - apart[1]! / 2;
  }
}
