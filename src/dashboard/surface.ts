/** A canvas that is drawn in CSS pixels and is sharp on every screen. */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  readonly #canvas: HTMLCanvasElement;

  /** `onResize` must draw everything, because a resized canvas is empty. */
  constructor(canvas: HTMLCanvasElement, onResize: () => void, settings?: CanvasRenderingContext2DSettings) {
    this.#canvas = canvas;
    this.context = canvas.getContext('2d', settings)!;
    new ResizeObserver(() => {
      canvas.width = Math.max(1, Math.round(this.width * devicePixelRatio));
      canvas.height = Math.max(1, Math.round(this.height * devicePixelRatio));
      this.context.scale(devicePixelRatio, devicePixelRatio);
      onResize();
    }).observe(canvas);
  }

  get width(): number {
    return this.#canvas.clientWidth;
  }

  get height(): number {
    return this.#canvas.clientHeight;
  }

  clear(): void {
    this.context.clearRect(0, 0, this.width, this.height);
  }
}
