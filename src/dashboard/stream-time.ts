/** A larger difference from the expected time means another stream, or one that was played faster. */
const JUMP_US = 1e6;
/** Smooths the jitter of arriving frames, so that drawings scroll evenly. */
const SMOOTHING = 0.05;

const pageUs = (): number => performance.now() * 1000;

/** Estimates the present time on a stream's time line, also between its frames and while the device is disconnected. */
export class StreamTime {
  /** The stream's time minus the page's time. */
  #offsetUs = Number.NaN;

  get isKnown(): boolean {
    return !Number.isNaN(this.#offsetUs);
  }

  /** `us`: Unix microseconds of the event that has just arrived, on the stream's time line. */
  observe(us: number): void {
    const offsetUs = us - pageUs();
    const error = offsetUs - this.#offsetUs;
    this.#offsetUs = Math.abs(error) < JUMP_US ? this.#offsetUs + SMOOTHING * error : offsetUs;
  }

  /** Unix microseconds; NaN until `observe` was called. */
  nowUs(): number {
    return pageUs() + this.#offsetUs;
  }
}
