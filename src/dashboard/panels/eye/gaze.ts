/** Draws gaze as a fading trail on the plane of the screen, over a heat map of the fixations. */
import type { ClientEvent, RawFrame } from '../../../client/index.ts';
import { EYE_COLOURS, GAZE_COLOUR, LINE_COLOUR, MUTED_COLOUR } from '../../colours.ts';
import { create, createCanvas, createPanel, setText } from '../../dom.ts';
import { type EyeSetup, meanOfValid, strideFor } from '../../gaze/eye-setup.ts';
import { HeatMap } from '../../gaze/heat-map.ts';
import { type Axis, GazePlane } from '../../gaze/plane.ts';
import { GazeTrail } from '../../gaze/trail.ts';
import type { StreamTime } from '../../stream-time.ts';
import { Surface } from '../../surface.ts';
import { throttled } from '../../throttle.ts';

const TRAIL_US = 2e6;
/** Number of steps in which the trail fades. */
const FADES = 8;
const POINTS_HZ = 120;
/** The last seen position is drawn as the present one for this long. */
const PRESENT_US = 150_000;
/** After this time without gaze the panel says so. A blink is shorter. */
const AWAY_US = 500_000;
const GRID_DEG = 5;
const PERIOD_MS = 30;

export class GazePanel {
  readonly element: HTMLElement;
  readonly #container = create('div', '', 'plane');
  readonly #note: HTMLElement;
  readonly #surface: Surface;
  readonly #time: StreamTime;
  readonly #trail = new GazeTrail((2 * TRAIL_US * POINTS_HZ) / 1e6);
  readonly #requestDraw = throttled(PERIOD_MS, () => this.#draw());
  readonly #heat: HeatMap;
  #setup: EyeSetup | null = null;
  #plane = new GazePlane(null);
  #seenUs = Number.NaN;
  /** x and y of each eye, as shares of the plane. */
  readonly #eyes = new Float32Array(4).fill(Number.NaN);

  constructor(time: StreamTime) {
    this.#time = time;
    this.#heat = new HeatMap(this.#plane);
    const canvas = createCanvas('Gaze on the screen, over a heat map of the fixations of the last minute');
    this.#container.append(this.#heat.canvas, canvas);
    const { element, note } = createPanel('gaze', 'Gaze', this.#container);
    this.element = element;
    this.#note = note;
    this.#surface = new Surface(canvas, () => this.#draw());
  }

  setSetup(setup: EyeSetup): void {
    this.#setup = setup;
    this.#plane = setup.plane;
    this.#heat.setPlane(setup.plane);
    this.#trail.clear();
    this.#container.style.aspectRatio = String(setup.plane.aspect);
  }

  push(frame: RawFrame): void {
    if (this.#setup === null) return;
    const { unit, eyes } = this.#setup.layout;
    const { startUs, sampleRateHz, samples, lostBefore } = frame.info;
    const [xs, ys] = [eyes.map(({ x }) => x), eyes.map(({ y }) => y)];
    if (lostBefore > 0) this.#trail.push(startUs, Number.NaN, Number.NaN);
    const stride = strideFor(sampleRateHz, POINTS_HZ);
    for (let i = (stride - 1) >> 1; i < samples; i += stride) {
      const timeUs = startUs + (i * 1e6) / sampleRateHz;
      const x = this.#plane.ofGaze(meanOfValid(frame, xs, i), unit, 0);
      const y = this.#plane.ofGaze(meanOfValid(frame, ys, i), unit, 1);
      this.#trail.push(timeUs, x, y);
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      this.#seenUs = timeUs;
      for (let eye = 0; eye < eyes.length; eye++) {
        this.#eyes[2 * eye] = this.#plane.ofGaze(frame.data[xs[eye]! * samples + i]!, unit, 0);
        this.#eyes[2 * eye + 1] = this.#plane.ofGaze(frame.data[ys[eye]! * samples + i]!, unit, 1);
      }
    }
    this.#requestDraw();
  }

  event({ t, data }: ClientEvent<'gaze'>): void {
    if (data.type !== 'fixation') return;
    this.#heat.add(data.x_deg, data.y_deg, data.duration_ms / 1000, t.end_us / 1e6);
    this.#heat.requestPaint(this.#time.nowUs() / 1e6);
  }

  /** To be called regularly, because the trail fades also while nothing arrives. */
  tick(): void {
    setText(this.#note, this.#describe());
    if (this.#time.isKnown) this.#heat.requestPaint(this.#time.nowUs() / 1e6);
    this.#requestDraw();
  }

  #describe(): string {
    if (this.#setup === null) return 'waiting for the eye tracker';
    const { caption } = this.#plane;
    if (Number.isNaN(this.#seenUs)) return `${caption}; no eyes seen yet`;
    const awayUs = this.#time.nowUs() - this.#seenUs;
    if (awayUs > AWAY_US) return `${caption}; not seen for ${(awayUs / 1e6).toFixed(0)} s`;
    const [x, y] = this.#presentDeg();
    const horizontal = `${Math.abs(x).toFixed(1)}° ${x < 0 ? 'left' : 'right'}`;
    const vertical = `${Math.abs(y).toFixed(1)}° ${y < 0 ? 'up' : 'down'}`;
    return `${caption}; now ${horizontal}, ${vertical}`;
  }

  #presentDeg(): [x: number, y: number] {
    const mean = (axis: Axis): number => {
      const seen = [this.#eyes[axis]!, this.#eyes[2 + axis]!].filter((share) => !Number.isNaN(share));
      return this.#plane.toDeg(seen.reduce((sum, share) => sum + share, 0) / seen.length, axis);
    };
    return [mean(0), mean(1)];
  }

  #draw(): void {
    this.#surface.clear();
    this.#drawGrid();
    if (!this.#time.isKnown) return;
    this.#drawTrail();
    this.#drawEyes();
  }

  #drawGrid(): void {
    const { context, width, height } = this.#surface;
    context.strokeStyle = LINE_COLOUR;
    context.lineWidth = 1;
    context.beginPath();
    for (const [axis, size] of [[0, width] as const, [1, height] as const]) {
      const limit = Math.floor(this.#plane.toDeg(1, axis) / GRID_DEG) * GRID_DEG;
      for (let deg = -limit; deg <= limit; deg += GRID_DEG) {
        const at = Math.round(this.#plane.ofDeg(deg, axis) * size) + 0.5;
        context.moveTo(axis === 0 ? at : 0, axis === 0 ? 0 : at);
        context.lineTo(axis === 0 ? at : width, axis === 0 ? height : at);
      }
    }
    context.stroke();
    context.strokeStyle = MUTED_COLOUR;
    context.beginPath();
    context.moveTo(width / 2 - 6, height / 2);
    context.lineTo(width / 2 + 6, height / 2);
    context.moveTo(width / 2, height / 2 - 6);
    context.lineTo(width / 2, height / 2 + 6);
    context.stroke();
  }

  #drawTrail(): void {
    const { context, width, height } = this.#surface;
    const nowUs = this.#time.nowUs();
    context.strokeStyle = GAZE_COLOUR;
    context.lineJoin = 'round';
    for (let fade = 0; fade < FADES; fade++) {
      const fromUs = nowUs - TRAIL_US * (1 - fade / FADES);
      const toUs = fade === FADES - 1 ? Number.POSITIVE_INFINITY : fromUs + TRAIL_US / FADES;
      context.globalAlpha = ((fade + 1) / FADES) ** 2;
      context.lineWidth = 1 + (2 * fade) / FADES;
      context.beginPath();
      this.#trail.trace(context, fromUs, toUs, width, height);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #drawEyes(): void {
    if (!(this.#time.nowUs() - this.#seenUs < PRESENT_US)) return;
    const { context, width, height } = this.#surface;
    const count = this.#setup?.layout.eyes.length ?? 0;
    for (let eye = 0; eye < count; eye++) {
      const [x, y] = [this.#eyes[2 * eye]! * width, this.#eyes[2 * eye + 1]! * height];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      context.fillStyle = count === 1 ? GAZE_COLOUR : EYE_COLOURS[eye]!;
      context.beginPath();
      context.arc(x, y, 5, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
