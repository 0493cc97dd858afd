/** Farther from what was expected, the stream is another one, or was played faster. */
const JUMP_US = 1e6;
/** Frames come a little early or late; what scrolls must not show it. */
const SMOOTHING = 0.05;

const pageUs = (): number => performance.now() * 1000;

/** What time it is now on a stream's own time line, between its frames and while it is away, too. */
export class StreamTime {
  /** The stream's time less the page's. */
  #offsetUs = Number.NaN;

  get isKnown(): boolean {
    return !Number.isNaN(this.#offsetUs);
  }

  /** Unix microseconds, as the stream has them, of what has just come. */
  observe(us: number): void {
    const offsetUs = us - pageUs();
    const error = offsetUs - this.#offsetUs;
    this.#offsetUs = Math.abs(error) < JUMP_US ? this.#offsetUs + SMOOTHING * error : offsetUs;
  }

  nowUs(): number {
    return pageUs() + this.#offsetUs;
  }
}
