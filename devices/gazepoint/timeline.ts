import { HostClock } from '../host-clock.ts';

/** A record up to this far back is a repetition; further back, the tracker has restarted. */
const LATE_US = 1e6;
/** Jitter of the time stamps on a busy computer: gaps shorter than this are not counted as lost frames. */
const JITTER_US = 50_000;
/** Allowed relative difference of the true rate from the nominal one. */
const DRIFT = 0.02;
/** If the index is this far ahead of the time, the assumed rate is too low. */
const AHEAD_US = 2e6;
/** Allowed disagreement of device time and host's clock, because a busy host reads late. */
const HOST_SLACK_US = 5e6;

/**
 * Position and times of a record; the fields are valid until the next `place`. The counter shows missing records; the
 * time also shows frames that the tracker's computer dropped before it counted them. Where they disagree the time is
 * used: both can restart, but the time only at a calibration or a start of the tracker.
 */
export class Timeline {
  sample = -1;
  /** Samples lost right before it. */
  lost = 0;
  deviceTimeUs = 0;
  hostTimeUs = 0;
  clockErrUs = 0;

  #periodUs: number;
  readonly #clock = new HostClock();
  #state: 'new' | 'running' | 'reopened' = 'new';
  #count = 0;
  #arrivalUs = 0;
  /** How far the time is ahead of the index. */
  #lagUs = 0;

  constructor(sampleRateHz: number) {
    this.#periodUs = 1e6 / sampleRateHz;
  }

  setSampleRate(sampleRateHz: number): void {
    this.#periodUs = 1e6 / sampleRateHz;
    this.#lagUs = 0;
  }

  /** Whether the tracker samples faster than the rate that was set. */
  get isAhead(): boolean {
    return this.#lagUs < -AHEAD_US;
  }

  interrupted(): void {
    if (this.#state === 'running') this.#state = 'reopened';
  }

  /** @returns false for a record that was placed or declared lost before. */
  place(count: number, deviceUs: number, arrivalUs: number): boolean {
    const counted = count - this.#count;
    const elapsedUs = deviceUs - this.deviceTimeUs;
    if (this.#state !== 'new' && counted <= 0 && elapsedUs <= 0 && elapsedUs >= -LATE_US) return false;

    const steps = this.#state === 'new' ? 1 : this.#steps(counted, elapsedUs, deviceUs, arrivalUs);
    if (this.#state === 'new') this.deviceTimeUs = deviceUs;
    this.#clock.observe(this.deviceTimeUs, arrivalUs);
    this.sample += steps;
    this.lost = steps - 1;
    this.hostTimeUs = this.#clock.hostTimeUs(this.deviceTimeUs);
    this.clockErrUs = this.#clock.errUs(this.deviceTimeUs);
    this.#state = 'running';
    this.#count = count;
    this.#arrivalUs = arrivalUs;
    return true;
  }

  /** Samples from the previous record to this one, at least 1. */
  #steps(counted: number, elapsedUs: number, deviceUs: number, arrivalUs: number): number {
    const hostUs = arrivalUs - this.#arrivalUs;
    if (elapsedUs > -JITTER_US && this.#agreesWithHost(elapsedUs, hostUs)) {
      this.deviceTimeUs = Math.max(this.deviceTimeUs, deviceUs);
      return this.#stepsInTime(counted, elapsedUs);
    }
    const byCounter = counted > 0 && this.#agreesWithHost(counted * this.#periodUs, hostUs);
    const steps = byCounter ? counted : this.#stepsByHostClock(arrivalUs);
    this.#lagUs = 0;
    this.deviceTimeUs = deviceUs;
    this.#clock.restart();
    return steps;
  }

  #stepsInTime(counted: number, elapsedUs: number): number {
    const aheadUs = this.#lagUs + elapsedUs;
    const counterHolds = counted > 0 && Math.abs(aheadUs - counted * this.#periodUs) <= JITTER_US + DRIFT * elapsedUs;
    const steps = counterHolds ? counted : Math.max(1, Math.round(aheadUs / this.#periodUs));
    const lagUs = aheadUs - steps * this.#periodUs;
    // A small difference from the nominal rate is not a loss.
    const toleratedUs = DRIFT * steps * this.#periodUs;
    this.#lagUs = Math.sign(lagUs) * Math.max(0, Math.abs(lagUs) - toleratedUs);
    return steps;
  }

  #agreesWithHost(us: number, hostUs: number): boolean {
    if (this.#state === 'running' && us <= LATE_US) return true;
    return Math.abs(us - hostUs) <= HOST_SLACK_US + DRIFT * hostUs;
  }

  #stepsByHostClock(arrivalUs: number): number {
    return Math.max(1, Math.round((arrivalUs - this.#clock.hostTimeUs(this.deviceTimeUs)) / this.#periodUs));
  }
}
