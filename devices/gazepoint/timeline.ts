import { HostClock } from '../host-clock.ts';

/** How far back a repeated record may lie; further back, the tracker has begun anew. */
const LATE_US = 1e6;
/** Stamps jitter by the load of the tracker's computer: fewer frames than fit in here are not missed. */
const JITTER_US = 50_000;
/** What the true rate may differ from the nominal one, and dropped frames hide behind. */
const DRIFT = 0.02;
/** An index that is so far ahead of the time was counted at a rate that is too low. */
const AHEAD_US = 2e6;
/** What the time and the host's clock may disagree by: a busy host reads late. */
const HOST_SLACK_US = 5e6;

/**
 * Where a record lies: the fields are valid until the next `place`. The counter tells records that are missing, the time
 * also frames that the tracker's computer dropped before it counted; where they disagree the time is right, for both
 * begin anew, but only a calibration or a start changes the time.
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
  /** By how much the time has run ahead of the index. */
  #lagUs = 0;

  constructor(sampleRateHz: number) {
    this.#periodUs = 1e6 / sampleRateHz;
  }

  setSampleRate(sampleRateHz: number): void {
    this.#periodUs = 1e6 / sampleRateHz;
    this.#lagUs = 0;
  }

  /** No loss explains it: the tracker samples faster than at the rate that was set. */
  get isAhead(): boolean {
    return this.#lagUs < -AHEAD_US;
  }

  interrupted(): void {
    if (this.#state === 'running') this.#state = 'reopened';
  }

  /** False for a record that repeats, or comes after, one that was placed or declared lost before. */
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

  /** Samples from the record before to this one, at least 1. */
  #steps(counted: number, elapsedUs: number, deviceUs: number, arrivalUs: number): number {
    const hostUs = arrivalUs - this.#arrivalUs;
    if (elapsedUs > -JITTER_US && this.#believes(elapsedUs, hostUs)) {
      this.deviceTimeUs = Math.max(this.deviceTimeUs, deviceUs);
      return this.#stepsInTime(counted, elapsedUs);
    }
    const byCounter = counted > 0 && this.#believes(counted * this.#periodUs, hostUs);
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
    // a rate that is not quite the nominal one is no loss
    const forgivenUs = DRIFT * steps * this.#periodUs;
    this.#lagUs = Math.sign(lagUs) * Math.max(0, Math.abs(lagUs) - forgivenUs);
    return steps;
  }

  #believes(us: number, hostUs: number): boolean {
    if (this.#state === 'running' && us <= LATE_US) return true;
    return Math.abs(us - hostUs) <= HOST_SLACK_US + DRIFT * hostUs;
  }

  #stepsByHostClock(arrivalUs: number): number {
    return Math.max(1, Math.round((arrivalUs - this.#clock.hostTimeUs(this.deviceTimeUs)) / this.#periodUs));
  }
}
