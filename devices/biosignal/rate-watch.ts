/** Does the device sample as fast as it says? Told by its own counter and clock. */
import { AffectEdgeError } from '../../src/errors.ts';

/** A nominal rate is within a percent; a wrong one, a mistyped unit or a camera in half light are far off. */
const MOST_OFF = 0.02;
const SPAN_US = 1e6;
/** In so many spans on end: a pause of the device, or its restart, spoils no more than two. */
const SPANS = 4;

export class RateWatch {
  readonly #sampleRateHz: number;
  #fromSample = 0;
  #fromUs = Number.NaN;
  /** Samples of the last spans that were off in the same direction, and their time. */
  #off = { spans: 0, samples: 0, us: 0, sign: 0 };

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** A frame's first sample and its device time. Throws DEVICE_WRONG after some seconds at another rate. */
  observe(sample: number, deviceUs: number): void {
    const us = deviceUs - this.#fromUs;
    const samples = sample - this.#fromSample;
    // A clock in milliseconds hardly moves: samples end a span as well.
    const isWhole = us >= SPAN_US || samples >= (2 * SPAN_US * this.#sampleRateHz) / 1e6;
    if (us >= 0 && !isWhole) return;
    // The first frame, and a clock that goes back, begin a span and end none.
    if (us >= 0) this.#judge(samples, us);
    this.#fromSample = sample;
    this.#fromUs = deviceUs;
  }

  #judge(samples: number, us: number): void {
    const share = (samples * 1e6) / us / this.#sampleRateHz - 1;
    const sign = Math.abs(share) > MOST_OFF ? Math.sign(share) : 0;
    const before = sign === this.#off.sign ? this.#off : { spans: 0, samples: 0, us: 0 };
    this.#off = { spans: before.spans + 1, samples: before.samples + samples, us: before.us + us, sign };
    if (sign === 0 || this.#off.spans < SPANS) return;
    const measuredHz = (this.#off.samples * 1e6) / this.#off.us;
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `the device says that it samples at ${this.#sampleRateHz} Hz, and takes ${measuredHz.toFixed(1)} samples a second ` +
        'by its own counter and clock: its descriptor must say the true rate, and its time count microseconds',
    );
  }
}
