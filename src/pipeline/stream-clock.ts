import type { EventTime } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { Block } from '../samples.ts';

/** An event's time before it is emitted. */
export type SpanTime = Omit<EventTime, 'emit_us'>;

/** The time of an event about `span` that is emitted now. */
export function emittedNow(span: SpanTime, clock: Clock): EventTime {
  return { ...span, emit_us: Math.round(clock.unixUs()) };
}

/** The time of an event that happens now, not at a sample. */
export function timeOfNow(clock: Clock): EventTime {
  const now = Math.round(clock.unixUs());
  return {
    start_us: now,
    end_us: now,
    emit_us: now,
    mono_us: Math.round(clock.monoUs()),
    clock_err_us: Math.round(clock.steppedUs()),
  };
}

/** Converts places on a device's sample index to Unix time, from the host time of the newest block. */
export class StreamClock {
  readonly #clock: Clock;
  #newest: Block | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Uncertainty of the newest block's host time in microseconds; 0 before the first block. */
  get clockErrUs(): number {
    return this.#newest?.clockErrUs ?? 0;
  }

  update(block: Block): void {
    this.#newest = block;
  }

  /** Forgets the last stream. */
  reset(): void {
    this.#newest = null;
  }

  /** From `startSample` to `endSample`; now, where no block has come yet. */
  span(startSample: number, endSample: number): SpanTime {
    const block = this.#newest;
    if (block === null) {
      const { emit_us, ...now } = timeOfNow(this.#clock);
      return now;
    }
    const offsetUs = this.#clock.unixUs() - this.#clock.monoUs();
    const monoUs = (sample: number): number =>
      block.hostTimeUs + ((sample - block.firstSample) * 1e6) / block.info.sampleRateHz;
    return {
      start_us: Math.round(offsetUs + monoUs(startSample)),
      end_us: Math.round(offsetUs + monoUs(endSample)),
      mono_us: Math.round(monoUs(endSample)),
      clock_err_us: Math.round(block.clockErrUs + this.#clock.steppedUs()),
    };
  }
}
