/** All channels on one canvas, swept from left to right like on a patient monitor: only new columns are drawn. */
import type { RawFrame } from '../../client/index.ts';
import { MUTED_COLOUR, PANEL_COLOUR, TRACE_COLOUR } from '../colours.ts';
import { createCanvas, createPanel } from '../dom.ts';
import { Surface } from '../surface.ts';
import { throttled } from '../throttle.ts';

const SWEEP_S = 8;
const GAP_PX = 14;
const LABEL_PX = 44;

interface TraceSetting {
  /** Microvolts from one row to the next. */
  readonly scaleUv: number;
  /** For display only: removes electrode offset and drift, so that a trace stays in its row. */
  readonly highPassHz: number;
}

export class TraceSweep {
  readonly element: HTMLElement;
  readonly #surface: Surface;
  readonly #context: CanvasRenderingContext2D;
  readonly #setting: TraceSetting;
  readonly #requestDraw = throttled(0, () => this.#draw());
  #labels: readonly string[] = [];
  #frames: RawFrame[] = [];
  #baseline = new Float64Array(0);
  #lastY = new Float32Array(0);
  #x = 0;
  /** Samples that arrived while the page was hidden. They are not drawn, but advance the sweep. */
  #unseen = 0;

  constructor(setting: TraceSetting) {
    this.#setting = setting;
    const canvas = createCanvas('The latest seconds of every channel');
    const { element, note } = createPanel('traces', 'Signal', canvas);
    this.element = element;
    note.textContent = `${setting.scaleUv} µV from row to row`;
    this.#surface = new Surface(canvas, () => this.#reset(), { alpha: false });
    this.#context = this.#surface.context;
  }

  setLabels(labels: readonly string[]): void {
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#reset();
  }

  push(frame: RawFrame): void {
    if (document.hidden) {
      this.#unseen += frame.info.lostBefore + frame.info.samples;
      return;
    }
    this.#frames.push(frame);
    this.#requestDraw();
  }

  #reset(): void {
    this.#clear(0, this.#surface.width);
    this.#context.fillStyle = MUTED_COLOUR;
    this.#context.font = '10px system-ui';
    this.#labels.forEach((label, row) => {
      this.#context.fillText(label, 2, this.#rowY(row) + 3);
    });
    this.#x = LABEL_PX;
    this.#baseline = new Float64Array(0);
  }

  #draw(): void {
    const frames = this.#frames;
    this.#frames = [];
    this.#context.strokeStyle = TRACE_COLOUR;
    this.#context.lineWidth = 1;
    for (const frame of frames) this.#drawFrame(frame);
  }

  #drawFrame({ info, data }: RawFrame): void {
    const { channels, samples, sampleRateHz } = info;
    const missed = info.lostBefore + this.#unseen;
    this.#unseen = 0;
    const { width } = this.#surface;
    const pxPerSample = (width - LABEL_PX) / (SWEEP_S * sampleRateHz);
    if (this.#baseline.length !== channels) {
      this.#baseline = Float64Array.from({ length: channels }, (_, c) => data[c * samples]!);
      this.#lastY = new Float32Array(channels).fill(Number.NaN);
    }
    if (missed > 0) {
      this.#x += missed * pxPerSample;
      this.#lastY.fill(Number.NaN);
    }
    if (this.#x >= width) {
      this.#x = LABEL_PX + ((this.#x - LABEL_PX) % (width - LABEL_PX));
      this.#lastY.fill(Number.NaN);
    }
    const endX = this.#x + samples * pxPerSample;
    this.#clear(this.#x, Math.min(endX + GAP_PX, width));
    const keep = 1 - Math.min(1, (2 * Math.PI * this.#setting.highPassHz) / sampleRateHz);
    // More than two points per pixel are not visible.
    const step = Math.max(1, Math.floor(0.5 / pxPerSample));
    this.#context.beginPath();
    for (let c = 0; c < channels; c++)
      this.#traceChannel(c, data.subarray(c * samples, (c + 1) * samples), pxPerSample, keep, step);
    this.#context.stroke();
    this.#x = endX;
  }

  #traceChannel(c: number, x: Float32Array, pxPerSample: number, keep: number, step: number): void {
    const rowY = this.#rowY(c);
    const pxPerUv = this.#rowHeight() / this.#setting.scaleUv;
    let baseline = this.#baseline[c]!;
    let pen = !Number.isNaN(this.#lastY[c]!);
    let y = this.#lastY[c]!;
    if (pen) this.#context.moveTo(this.#x, y);
    for (let i = 0; i < x.length; i++) {
      const value = x[i]!;
      if (Number.isNaN(value)) {
        pen = false;
        y = Number.NaN;
        continue;
      }
      baseline = keep * baseline + (1 - keep) * value;
      if (i % step !== 0 && i !== x.length - 1) continue;
      y = rowY - (value - baseline) * pxPerUv;
      if (pen) this.#context.lineTo(this.#x + (i + 1) * pxPerSample, y);
      else this.#context.moveTo(this.#x + (i + 1) * pxPerSample, y);
      pen = true;
    }
    this.#baseline[c] = baseline;
    this.#lastY[c] = y;
  }

  #clear(from: number, to: number): void {
    this.#context.fillStyle = PANEL_COLOUR;
    this.#context.fillRect(from, 0, to - from, this.#surface.height);
  }

  #rowHeight(): number {
    return this.#surface.height / Math.max(1, this.#labels.length);
  }

  #rowY(row: number): number {
    return (row + 0.5) * this.#rowHeight();
  }
}
