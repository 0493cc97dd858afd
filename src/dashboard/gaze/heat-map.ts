/** A heat map of the fixations: each one adds its duration around its place, and older ones fade. */
import { putHeat } from '../colours.ts';
import { create } from '../dom.ts';
import { throttled } from '../throttle.ts';
import type { GazePlane } from './plane.ts';

const COLUMNS = 96;
/** About the size of the fovea's field of sharp vision. */
const SIGMA_DEG = 1;
const HALF_LIFE_S = 20;
/** Seconds of fixation at one place that get the hottest colour, unless another place has more. */
const HOT_S = 1;
const MAX_ALPHA = 230;
const MIN_SHARE = 0.03;
const PERIOD_MS = 240;

export class HeatMap {
  /** One pixel per cell. The style sheet scales it to the size of the plane. */
  readonly canvas = create('canvas', '', 'heat');
  readonly #context = this.canvas.getContext('2d')!;
  readonly #schedulePaint = throttled(PERIOD_MS, () => this.#paint());
  #nowS = 0;
  #plane: GazePlane;
  #rows = 0;
  /** Seconds of fixation, [rows, columns]. */
  #heat = new Float32Array(0);
  #pixels = new ImageData(1, 1);
  #decayedS = 0;

  constructor(plane: GazePlane) {
    this.#plane = plane;
    this.setPlane(plane);
  }

  setPlane(plane: GazePlane): void {
    this.#plane = plane;
    this.#rows = Math.max(1, Math.round(COLUMNS / plane.aspect));
    this.canvas.width = COLUMNS;
    this.canvas.height = this.#rows;
    this.#heat = new Float32Array(COLUMNS * this.#rows);
    this.#pixels = this.#context.createImageData(COLUMNS, this.#rows);
  }

  add(xDeg: number, yDeg: number, durationS: number, atS: number): void {
    this.#decayTo(atS);
    const [columns, rows] = [this.#kernel(xDeg, 0, COLUMNS), this.#kernel(yDeg, 1, this.#rows)];
    const weight = durationS * 0.5 ** ((this.#decayedS - atS) / HALF_LIFE_S);
    for (let r = 0; r < rows.length; r++) {
      for (let c = 0; c < columns.length; c++) this.#heat[r * COLUMNS + c]! += weight * rows[r]! * columns[c]!;
    }
  }

  /** Requests a painting of the state at this time, in seconds. */
  requestPaint(nowS: number): void {
    this.#nowS = nowS;
    this.#schedulePaint();
  }

  #paint(): void {
    this.#decayTo(this.#nowS);
    const { data } = this.#pixels;
    const hottest = this.#heat.reduce((a, b) => Math.max(a, b), HOT_S);
    for (let i = 0; i < this.#heat.length; i++) {
      const share = this.#heat[i]! / hottest;
      // Transparent where the gaze did not rest, and nearly opaque after a short fixation.
      const alpha = share < MIN_SHARE ? 0 : Math.min(1, 2 * Math.sqrt(share) - 0.3) * MAX_ALPHA;
      putHeat(data, 4 * i, share, Math.max(0, alpha));
    }
    this.#context.putImageData(this.#pixels, 0, 0);
  }

  #decayTo(atS: number): void {
    if (atS <= this.#decayedS) return;
    const keep = 0.5 ** ((atS - this.#decayedS) / HALF_LIFE_S);
    for (let i = 0; i < this.#heat.length; i++) this.#heat[i]! *= keep;
    this.#decayedS = atS;
  }

  /** A Gaussian over the cells of one axis, 1 at its centre. */
  #kernel(deg: number, axis: 0 | 1, cells: number): Float32Array {
    return Float32Array.from({ length: cells }, (_, i) => {
      const distance = this.#plane.toDeg((i + 0.5) / cells, axis) - deg;
      return Math.exp(-(distance ** 2) / (2 * SIGMA_DEG ** 2));
    });
  }
}
