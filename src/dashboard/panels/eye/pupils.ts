/** Draws the pupil diameters of the last seconds, without the parts where a lid covers the pupil. */
import type { RawFrame } from '../../../client/index.ts';
import { EYE_COLOURS, LINE_COLOUR, MUTED_COLOUR } from '../../colours.ts';
import { create, createCanvas, createPanel, setText } from '../../dom.ts';
import { removeBlinkEdges } from '../../gaze/blink-edges.ts';
import { type EyeSetup, strideFor } from '../../gaze/eye-setup.ts';
import type { StreamTime } from '../../stream-time.ts';
import { Surface } from '../../surface.ts';
import { throttled } from '../../throttle.ts';

const SHOWN_S = 20;
const POINTS_HZ = 60;
/** More than is shown, because the number of drawn samples per second may be higher than POINTS_HZ. */
const CAPACITY = 1.5 * SHOWN_S * POINTS_HZ;
const LABEL_PX = 36;
/** The scale spans at least this share of the diameter, so that noise does not look like a change. */
const MIN_SPAN = 0.15;
/** The scale covers the values between these quantiles. */
const QUANTILES = [0.02, 0.98] as const;
const PERIOD_MS = 50;

export class PupilsPanel {
  readonly element: HTMLElement;
  readonly #time: StreamTime;
  readonly #legend = create('p', '', 'legend');
  readonly #surface: Surface;
  readonly #requestDraw = throttled(PERIOD_MS, () => this.#draw());
  readonly #timesUs = new Float64Array(CAPACITY);
  /** The diameters of each pupil, a ring buffer like the times. */
  readonly #diameters = [new Float32Array(CAPACITY), new Float32Array(CAPACITY)] as const;
  #next = 0;
  #setup: EyeSetup | null = null;
  #values: HTMLElement[] = [];
  /** The drawn part of one pupil, oldest first. */
  readonly #shownUs = new Float64Array(CAPACITY);
  readonly #shown = new Float32Array(CAPACITY);
  #scale: readonly [low: number, high: number] | null = null;

  constructor(time: StreamTime) {
    this.#time = time;
    const canvas = createCanvas(`Diameter of the pupils over the last ${SHOWN_S} seconds`);
    const { element, note } = createPanel('pupils', 'Pupils', this.#legend, canvas);
    note.textContent = `last ${SHOWN_S} s`;
    this.element = element;
    this.#surface = new Surface(canvas, () => this.#draw());
  }

  setSetup(setup: EyeSetup): void {
    this.#setup = setup;
    this.#next = 0;
    this.#values = setup.pupilNames.map((_, i) => {
      const value = create('span');
      value.style.color = EYE_COLOURS[i]!;
      return value;
    });
    this.#legend.replaceChildren(...this.#values);
    if (setup.layout.pupils.length === 0) this.#legend.textContent = 'this eye tracker measures no pupils';
  }

  push(frame: RawFrame): void {
    if (this.#setup === null) return;
    const { pupils } = this.#setup.layout;
    const { startUs, sampleRateHz, samples, lostBefore } = frame.info;
    if (lostBefore > 0) this.#add(startUs, frame, pupils, -1);
    const stride = strideFor(sampleRateHz, POINTS_HZ);
    for (let i = (stride - 1) >> 1; i < samples; i += stride) {
      this.#add(startUs + (i * 1e6) / sampleRateHz, frame, pupils, i);
    }
    this.#requestDraw();
  }

  /** Adds sample `i` of the frame, or a missing sample for -1. */
  #add(timeUs: number, { info, data }: RawFrame, pupils: readonly number[], i: number): void {
    const at = this.#next++ % CAPACITY;
    this.#timesUs[at] = timeUs;
    for (let p = 0; p < pupils.length; p++) {
      this.#diameters[p]![at] = i < 0 ? Number.NaN : data[pupils[p]! * info.samples + i]!;
    }
  }

  tick(): void {
    this.#scale = this.#scaleNow();
    const unit = this.#setup?.layout.pupilUnit;
    this.#values.forEach((value, p) => {
      const latest = this.#next === 0 ? Number.NaN : this.#diameters[p]![(this.#next - 1) % CAPACITY]!;
      const isPresent = this.#time.nowUs() - this.#timesUs[(this.#next + CAPACITY - 1) % CAPACITY]! < 1e6;
      const text = Number.isNaN(latest) || !isPresent ? 'not seen' : `${latest.toFixed(2)} ${unit}`;
      setText(value, `${this.#setup!.pupilNames[p]} ${text}`);
    });
    this.#requestDraw();
  }

  #draw(): void {
    this.#surface.clear();
    if (this.#setup === null || !this.#time.isKnown) return;
    if (this.#scale === null) return;
    const [low, high] = this.#scale;
    this.#drawScale(low, high);
    this.#setup.layout.pupils.forEach((_, p) => {
      this.#drawTrace(p, low, high);
    });
  }

  /** The range of the drawn values with a margin; null if there are none. */
  #scaleNow(): readonly [low: number, high: number] | null {
    const values = this.#values.flatMap((_, p) => Array.from(this.#shownOf(p).diameters));
    const sorted = Float32Array.from(values.filter((value) => !Number.isNaN(value))).sort();
    if (sorted.length === 0) return null;
    const [low, high] = QUANTILES.map((share) => sorted[Math.round(share * (sorted.length - 1))]!) as [number, number];
    const middle = (low + high) / 2;
    const half = 0.6 * Math.max(high - low, MIN_SPAN * middle, 1e-6);
    return [middle - half, middle + half];
  }

  #drawScale(low: number, high: number): void {
    const { context, width, height } = this.#surface;
    context.font = '11px system-ui';
    context.textBaseline = 'middle';
    context.fillStyle = MUTED_COLOUR;
    context.strokeStyle = LINE_COLOUR;
    context.lineWidth = 1;
    context.beginPath();
    for (const share of [0.1, 0.5, 0.9]) {
      const y = Math.round(share * height) + 0.5;
      context.fillText((high - share * (high - low)).toFixed(high < 100 ? 2 : 0), 0, y);
      context.moveTo(LABEL_PX, y);
      context.lineTo(width, y);
    }
    context.stroke();
  }

  #drawTrace(pupil: number, low: number, high: number): void {
    const { context, width, height } = this.#surface;
    const fromUs = this.#time.nowUs() - SHOWN_S * 1e6;
    const pxPerUs = (width - LABEL_PX) / (SHOWN_S * 1e6);
    const { timesUs, diameters } = this.#shownOf(pupil);
    context.strokeStyle = EYE_COLOURS[pupil]!;
    context.lineWidth = 1.5;
    context.beginPath();
    let isPenDown = false;
    for (let i = 0; i < diameters.length; i++) {
      const x = LABEL_PX + (timesUs[i]! - fromUs) * pxPerUs;
      const y = ((high - diameters[i]!) / (high - low)) * height;
      const isSeen = !Number.isNaN(y);
      if (isSeen && isPenDown) context.lineTo(x, y);
      else if (isSeen) context.moveTo(x, y);
      isPenDown = isSeen;
    }
    context.stroke();
  }

  /** The drawn part of one pupil. Valid until the next call. */
  #shownOf(pupil: number): { timesUs: Float64Array; diameters: Float32Array } {
    const fromUs = this.#time.nowUs() - SHOWN_S * 1e6;
    let count = 0;
    for (let n = Math.max(0, this.#next - CAPACITY); n < this.#next; n++) {
      const timeUs = this.#timesUs[n % CAPACITY]!;
      if (timeUs < fromUs) continue;
      this.#shownUs[count] = timeUs;
      this.#shown[count++] = this.#diameters[pupil]![n % CAPACITY]!;
    }
    const [timesUs, diameters] = [this.#shownUs.subarray(0, count), this.#shown.subarray(0, count)];
    removeBlinkEdges(timesUs, diameters);
    return { timesUs, diameters };
  }
}
