/**
 * Maps of the differential entropy of each band, interpolated between the electrodes with spherical splines. The head is
 * seen from above with the nose up.
 */

import type { ClientEvent } from '../../client/index.ts';
import { splineWeights, type Vec3 } from '../../dsp/spherical-spline.ts';
import { electrodePosition } from '../../montage.ts';
import { putHeat } from '../colours.ts';
import { create, createCanvas, createPanel } from '../dom.ts';

const SIZE = 96;
/** The rim of the map in the azimuthal projection: a little below the equator, at the lowest electrodes. */
const RIM_RAD = (Math.PI / 2) * 1.12;

export class ScalpMap {
  readonly element: HTMLElement;
  readonly #contexts: CanvasRenderingContext2D[];
  readonly #captions: HTMLElement[];
  readonly #bands: readonly string[];
  /** Channels with a known position on the head. */
  readonly #known: readonly number[];
  readonly #pixels: readonly number[];
  readonly #weights: Float64Array;
  /** [pixels] index into `known` of the nearest electrode. */
  readonly #nearest: readonly number[];
  readonly #montage: readonly string[];
  #values: readonly number[] = [];
  #masked: ReadonlySet<number> = new Set();

  constructor(montage: readonly string[], bands: readonly string[]) {
    const maps = create('div', '', 'maps');
    const { element, note } = createPanel('scalp', 'Differential entropy', maps);
    this.element = element;
    note.textContent = 'nat, each band on its own scale';
    this.#bands = bands;
    this.#montage = montage;
    const places = montage.map((label) => electrodePosition(label));
    this.#known = places.flatMap((place, channel) => (place === null ? [] : [channel]));
    const grid = pixelGrid();
    this.#pixels = grid.map(({ pixel }) => pixel);
    this.#weights = splineWeights(
      places.filter((place) => place !== null),
      grid.map(({ place }) => place),
    );
    const known = places.filter((place) => place !== null);
    this.#nearest = grid.map(({ place }) => nearestOf(place, known));
    this.#captions = [];
    this.#contexts = bands.map((band) => {
      const canvas = createCanvas(`Differential entropy over the scalp, ${band}`);
      canvas.width = canvas.height = SIZE;
      const caption = create('figcaption', band);
      this.#captions.push(caption);
      const figure = create('figure');
      figure.append(canvas, caption);
      maps.append(figure);
      return canvas.getContext('2d')!;
    });
  }

  /** `values`: channel-major, `ch * bands + band`. */
  show(values: readonly number[]): void {
    this.#values = values;
    this.#draw();
  }

  /** The surroundings of bad electrodes are masked, unless their values come from the electrodes around them. */
  mask({ data }: ClientEvent<'quality'>): void {
    const bad = data.electrodes.filter((electrode) => electrode.bad !== null && !electrode.interpolated);
    const labels = new Set(bad.map(({ label }) => label));
    const masked = this.#known.flatMap((channel, k) => (labels.has(this.#montage[channel]!) ? [k] : []));
    if (masked.length === this.#masked.size && masked.every((k) => this.#masked.has(k))) return;
    this.#masked = new Set(masked);
    this.#draw();
  }

  #draw(): void {
    const values = this.#values;
    if (values.length === 0) return;
    const bands = this.#bands.length;
    this.#contexts.forEach((context, band) => {
      const row = this.#known.map((channel) => values[channel * bands + band]!);
      const shown = row.filter((_, k) => !this.#masked.has(k));
      const [low, high] = [Math.min(...shown), Math.max(...shown)];
      const image = context.createImageData(SIZE, SIZE);
      this.#pixels.forEach((pixel, p) => {
        if (this.#masked.has(this.#nearest[p]!)) return;
        let value = 0;
        for (let e = 0; e < row.length; e++) value += this.#weights[p * row.length + e]! * row[e]!;
        putHeat(image.data, pixel * 4, (value - low) / (high - low || 1));
      });
      context.putImageData(image, 0, 0);
      const range = shown.length === 0 ? '–' : `${low.toFixed(1)}–${high.toFixed(1)}`;
      this.#captions[band]!.textContent = `${this.#bands[band]} ${range}`;
    });
  }
}

function nearestOf([x, y, z]: Vec3, places: readonly Vec3[]): number {
  const closeness = places.map(([px, py, pz]) => x * px + y * py + z * pz);
  return closeness.indexOf(Math.max(...closeness));
}

/** Every pixel inside the head with its position on the unit sphere (x right, y front, z up). */
function pixelGrid(): { pixel: number; place: Vec3 }[] {
  const grid: { pixel: number; place: Vec3 }[] = [];
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const x = ((column + 0.5) / SIZE) * 2 - 1;
      const y = 1 - ((row + 0.5) / SIZE) * 2;
      const radius = Math.hypot(x, y);
      if (radius > 1) continue;
      const angle = radius * RIM_RAD;
      const spread = radius === 0 ? 0 : Math.sin(angle) / radius;
      grid.push({ pixel: row * SIZE + column, place: [x * spread, y * spread, Math.cos(angle)] });
    }
  }
  return grid;
}
