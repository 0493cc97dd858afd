/** The gaze of the last seconds, oldest first. A missing position (NaN) interrupts the line. */
export class GazeTrail {
  readonly #timesUs: Float64Array;
  readonly #xs: Float32Array;
  readonly #ys: Float32Array;
  #next = 0;

  constructor(capacity: number) {
    this.#timesUs = new Float64Array(capacity);
    this.#xs = new Float32Array(capacity);
    this.#ys = new Float32Array(capacity);
  }

  /** `x` and `y` are shares of the plane. */
  push(timeUs: number, x: number, y: number): void {
    const at = this.#next++ % this.#timesUs.length;
    this.#timesUs[at] = timeUs;
    this.#xs[at] = x;
    this.#ys[at] = y;
  }

  clear(): void {
    this.#next = 0;
  }

  /** Adds the trail between two times to the path of `context`. */
  trace(context: CanvasRenderingContext2D, fromUs: number, toUs: number, width: number, height: number): void {
    const capacity = this.#timesUs.length;
    let isPenDown = false;
    for (let i = Math.max(0, this.#next - capacity); i < this.#next; i++) {
      const at = i % capacity;
      const timeUs = this.#timesUs[at]!;
      if (timeUs < fromUs) continue;
      const x = this.#xs[at]! * width;
      const y = this.#ys[at]! * height;
      const isSeen = !Number.isNaN(x) && !Number.isNaN(y);
      if (isSeen && isPenDown) context.lineTo(x, y);
      else if (isSeen) context.moveTo(x, y);
      isPenDown = isSeen;
      if (timeUs > toUs) return;
    }
  }
}
