/** Checks the declared sampling rate against the device's own counter and clock. */
import { AffectEdgeError } from '../../src/errors.ts';

/** Nominal rates are within 1 %; a wrong rate, a wrong unit or a camera slowed by low light differ more. */
const MAX_DEVIATION = 0.02;
const SPAN_US = 1e6;
/** Consecutive spans that must deviate: a pause or a restart of the device affects at most two. */
const SPANS = 4;

export class RateWatch {
  readonly #sampleRateHz: number;
  #fromSample = 0;
  #fromUs = Number.NaN;
  /** The last spans that deviated in the same direction: their number, samples and duration. */
  #off = { spans: 0, samples: 0, us: 0, sign: 0 };

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** Takes a frame's first sample and its device time. @throws DEVICE_WRONG after 4 spans at another rate. */
  observe(sample: number, deviceUs: number): void {
    const us = deviceUs - this.#fromUs;
    const samples = sample - this.#fromSample;
    // A clock that counts milliseconds hardly moves, so a span also ends by its samples.
    const isWhole = us >= SPAN_US || samples >= (2 * SPAN_US * this.#sampleRateHz) / 1e6;
    if (us >= 0 && !isWhole) return;
    // The first frame, and a clock that goes back, only start a span.
    if (us >= 0) this.#endSpan(samples, us);
    this.#fromSample = sample;
    this.#fromUs = deviceUs;
  }

  #endSpan(samples: number, us: number): void {
    const share = (samples * 1e6) / us / this.#sampleRateHz - 1;
    const sign = Math.abs(share) > MAX_DEVIATION ? Math.sign(share) : 0;
    const before = sign === this.#off.sign ? this.#off : { spans: 0, samples: 0, us: 0 };
    this.#off = { spans: before.spans + 1, samples: before.samples + samples, us: before.us + us, sign };
    if (sign === 0 || this.#off.spans < SPANS) return;
    const measuredHz = (this.#off.samples * 1e6) / this.#off.us;
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `the device declares ${this.#sampleRateHz} Hz, but takes ${measuredHz.toFixed(1)} samples a second by its own ` +
        'counter and clock: its descriptor must declare the true rate, and its time must count microseconds',
    );
  }
}
