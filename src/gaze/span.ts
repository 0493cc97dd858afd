/** Extent and centre of the gaze over a range of samples. */
export class GazeSpan {
  /** [start, end) on the sample index; empty while `end` is 0 or less than `start`. */
  start = 0;
  end = 0;
  /** Count; sums of x, y; minimum and maximum of x, then of y; first x, y; last x, y. */
  readonly #s = new Float64Array(11);

  constructor() {
    this.clear();
  }

  get isEmpty(): boolean {
    return this.#s[0] === 0;
  }

  /** From its first to its last sample, skipped samples between them included. */
  get length(): number {
    return this.isEmpty ? 0 : this.end - this.start;
  }

  get x(): number {
    return this.#s[1]! / this.#s[0]!;
  }

  get y(): number {
    return this.#s[2]! / this.#s[0]!;
  }

  get firstX(): number {
    return this.#s[7]!;
  }

  get firstY(): number {
    return this.#s[8]!;
  }

  get lastX(): number {
    return this.#s[9]!;
  }

  get lastY(): number {
    return this.#s[10]!;
  }

  get width(): number {
    return this.#s[4]! - this.#s[3]!;
  }

  get height(): number {
    return this.#s[6]! - this.#s[5]!;
  }

  /** Width and height with one more value; for a span that is not empty. */
  widthWith(x: number): number {
    return Math.max(this.#s[4]!, x) - Math.min(this.#s[3]!, x);
  }

  heightWith(y: number): number {
    return Math.max(this.#s[6]!, y) - Math.min(this.#s[5]!, y);
  }

  add(n: number, x: number, y: number): void {
    const s = this.#s;
    if (s[0] === 0) {
      this.start = n;
      s[7] = x;
      s[8] = y;
    }
    this.end = n + 1;
    s[9] = x;
    s[10] = y;
    s[0]!++;
    s[1]! += x;
    s[2]! += y;
    if (x < s[3]!) s[3] = x;
    if (x > s[4]!) s[4] = x;
    if (y < s[5]!) s[5] = y;
    if (y > s[6]!) s[6] = y;
  }

  /** Appends a later span. */
  join(later: GazeSpan): void {
    const [s, t] = [this.#s, later.#s];
    if (t[0] === 0) return;
    if (s[0] === 0) {
      this.start = later.start;
      s[7] = t[7]!;
      s[8] = t[8]!;
    }
    this.end = later.end;
    s[9] = t[9]!;
    s[10] = t[10]!;
    for (let i = 0; i < 3; i++) s[i]! += t[i]!;
    for (let i = 3; i < 7; i += 2) {
      s[i] = Math.min(s[i]!, t[i]!);
      s[i + 1] = Math.max(s[i + 1]!, t[i + 1]!);
    }
  }

  clear(): void {
    this.start = this.end = 0;
    const s = this.#s;
    s[0] = s[1] = s[2] = 0;
    s[3] = s[5] = Number.POSITIVE_INFINITY;
    s[4] = s[6] = Number.NEGATIVE_INFINITY;
  }
}
