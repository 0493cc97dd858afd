/** The plane that gaze is drawn on: the screen if it is known, otherwise a field of view of 40 degrees. */
import type { ClientEvent } from '../../client/index.ts';
import type { GazeUnit } from '../../gaze/geometry.ts';

type Geometry = ClientEvent<'device'>['data']['geometry'];
/** 0: x, 1: y. */
export type Axis = 0 | 1;

const DEG = 180 / Math.PI;
/** Stands in for an unknown screen: 20 degrees to either side, aspect ratio 16:9. */
const ASSUMED_TAN = [Math.tan(20 / DEG), (Math.tan(20 / DEG) * 9) / 16] as const;

export class GazePlane {
  readonly aspect: number;
  readonly caption: string;
  /** Half of the screen's size divided by the viewing distance. */
  readonly #tan: readonly [x: number, y: number];
  readonly #screenPx: readonly [width: number, height: number] | null;

  constructor(geometry: Geometry) {
    if (geometry === null) {
      this.#tan = ASSUMED_TAN;
      this.#screenPx = null;
      this.caption = '40° field of view, the screen is not known';
    } else {
      const { screen_px, screen_mm, distance_mm } = geometry;
      this.#tan = [screen_mm[0] / 2 / distance_mm, screen_mm[1] / 2 / distance_mm];
      this.#screenPx = screen_px;
      this.caption = `screen of ${screen_px.join(' × ')} px, grid of 5°`;
    }
    this.aspect = this.#tan[0] / this.#tan[1];
  }

  /** Distance from the left or upper edge, as a share of the plane. */
  ofDeg(deg: number, axis: Axis): number {
    return 0.5 + Math.tan(deg / DEG) / (2 * this.#tan[axis]);
  }

  /** As `ofDeg`. NaN for pixels if the screen is not known. */
  ofGaze(value: number, unit: GazeUnit, axis: Axis): number {
    if (unit === 'deg') return this.ofDeg(value, axis);
    return this.#screenPx === null ? Number.NaN : value / this.#screenPx[axis];
  }

  toDeg(share: number, axis: Axis): number {
    return Math.atan((share - 0.5) * 2 * this.#tan[axis]) * DEG;
  }
}
