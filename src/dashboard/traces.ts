/** All channels on one canvas, swept from left to right as on a monitor: only new columns are drawn. */
import type { RawFrame } from '../client/index.ts';

const SWEEP_S = 8;
const GAP_PX = 14;
const LABEL_PX = 44;
/** Display only: removes electrode offset and drift, so that a trace stays on its row. */
const HIGH_PASS_HZ = 1;

export class TraceSweep {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #scaleUv: number;
  #labels: readonly string[] = [];
  #frames: RawFrame[] = [];
  #baseline = new Float64Array(0);
  #lastY = new Float32Array(0);
  #x = 0;
  #scheduled = false;

  /** `scaleUv`: microvolts from one row to the next. */
  constructor(canvas: HTMLCanvasElement, scaleUv: number) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false })!;
    this.#scaleUv = scaleUv;
    new ResizeObserver(() => this.#reset()).observe(canvas);
  }

  setLabels(labels: readonly string[]): void {
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#reset();
  }

  push(frame: RawFrame): void {
    this.#frames.push(frame);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#draw());
  }

  #reset(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.max(1, clientWidth * devicePixelRatio);
    this.#canvas.height = Math.max(1, clientHeight * devicePixelRatio);
    this.#context.scale(devicePixelRatio, devicePixelRatio);
    this.#clear(0, clientWidth);
    this.#context.fillStyle = '#95a2af';
    this.#context.font = '10px system-ui';
    this.#labels.forEach((label, row) => {
      this.#context.fillText(label, 2, this.#rowY(row) + 3);
    });
    this.#x = LABEL_PX;
    this.#baseline = new Float64Array(0);
  }

  #draw(): void {
    this.#scheduled = false;
    const frames = this.#frames;
    this.#frames = [];
    this.#context.strokeStyle = '#7fd1ff';
    this.#context.lineWidth = 1;
    for (const frame of frames) this.#drawFrame(frame);
  }

  #drawFrame({ info, data }: RawFrame): void {
    const { channels, samples, sampleRateHz, lostBefore } = info;
    const width = this.#canvas.clientWidth;
    const pxPerSample = (width - LABEL_PX) / (SWEEP_S * sampleRateHz);
    if (this.#baseline.length !== channels) {
      this.#baseline = Float64Array.from({ length: channels }, (_, c) => data[c * samples]!);
      this.#lastY = new Float32Array(channels).fill(Number.NaN);
    }
    if (lostBefore > 0) {
      this.#x += lostBefore * pxPerSample;
      this.#lastY.fill(Number.NaN);
    }
    if (this.#x >= width) {
      this.#x = LABEL_PX + ((this.#x - LABEL_PX) % (width - LABEL_PX));
      this.#lastY.fill(Number.NaN);
    }
    const endX = this.#x + samples * pxPerSample;
    this.#clear(this.#x, Math.min(endX + GAP_PX, width));
    const keep = 1 - Math.min(1, (2 * Math.PI * HIGH_PASS_HZ) / sampleRateHz);
    // About two points a pixel show all that the screen can.
    const step = Math.max(1, Math.floor(0.5 / pxPerSample));
    this.#context.beginPath();
    for (let c = 0; c < channels; c++)
      this.#traceChannel(c, data.subarray(c * samples, (c + 1) * samples), pxPerSample, keep, step);
    this.#context.stroke();
    this.#x = endX;
  }

  #traceChannel(c: number, x: Float32Array, pxPerSample: number, keep: number, step: number): void {
    const rowY = this.#rowY(c);
    const pxPerUv = this.#rowHeight() / this.#scaleUv;
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
    this.#context.fillStyle = '#1a2027';
    this.#context.fillRect(from, 0, to - from, this.#canvas.clientHeight);
  }

  #rowHeight(): number {
    return this.#canvas.clientHeight / Math.max(1, this.#labels.length);
  }

  #rowY(row: number): number {
    return (row + 0.5) * this.#rowHeight();
  }
}
