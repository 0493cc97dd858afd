import { HostClock } from '../host-clock.ts';

/** A frame up to this far back is repeated or reordered; further back, the device has restarted. */
const LATE_US = 1e6;
/** Allowed disagreement of counter and device clock over a jump: constant and drift. */
const SLACK_US = 1e6;
const SLACK_DRIFT = 1e-3;
/** Allowed disagreement with the host's clock, because a busy host reads late. A restart within this time is missed. */
const HOST_SLACK_US = 5e6;

/** Position and times of a DATA frame; the fields are valid until the next `place`. */
export class Timeline {
  /** Index of the frame's first sample in the stream. */
  sample = 0;
  /** Samples lost right before it. */
  lost = 0;
  /** Device time of the first sample, unwrapped. */
  deviceTimeUs = 0;
  hostTimeUs = 0;
  clockErrUs = 0;

  #periodUs: number;
  #clock = new HostClock();
  /**
   * `reopened`: the link broke since the last frame; `new_run`: the next counter cannot be compared with the last one.
   */
  #state: 'new_stream' | 'running' | 'reopened' | 'new_run' = 'new_stream';
  // expected values of the next contiguous frame
  #nextSample = 0;
  #nextCounter = 0;
  #nextDeviceUs = 0;
  #arrivalUs = 0;

  constructor(sampleRateHz: number) {
    this.#periodUs = 1e6 / sampleRateHz;
  }

  /** Whether `sampleOf` is valid for the device's current run. */
  get running(): boolean {
    return this.#state === 'running';
  }

  /** Another sampling rate: counters before and after cannot be compared; the sample index goes on. */
  setSampleRate(sampleRateHz: number): void {
    this.#periodUs = 1e6 / sampleRateHz;
    if (this.#state !== 'new_stream') this.#state = 'new_run';
  }

  interrupted(): void {
    if (this.#state === 'running') this.#state = 'reopened';
  }

  /** Sample index of a counter of the current run. */
  sampleOf(counter: number): number {
    return this.#nextSample + ((counter - this.#nextCounter) | 0);
  }

  /** @returns false for a frame whose samples were received or declared lost before. */
  place(counter: number, timeUs: number, samples: number, arrivalUs: number): boolean {
    const jump = (counter - this.#nextCounter) | 0;
    const jumpUs = jump * this.#periodUs;
    if (this.#state === 'running' && jump < 0 && -jumpUs <= LATE_US) return false;

    const deviceUs = unwrap(timeUs, this.#nextDeviceUs + jumpUs);
    const lastUs = (samples - 1) * this.#periodUs;
    if (this.#isSameRun(jumpUs, deviceUs, arrivalUs)) {
      this.lost = jump;
      this.deviceTimeUs = deviceUs;
    } else {
      this.lost = this.#state === 'new_stream' ? 0 : this.#lostByHostClock(arrivalUs - lastUs);
      this.deviceTimeUs = timeUs;
      this.#clock.restart();
    }
    this.#clock.observe(this.deviceTimeUs + lastUs, arrivalUs, this.deviceTimeUs);

    this.sample = this.#nextSample + this.lost;
    this.hostTimeUs = this.#clock.hostTimeUs(this.deviceTimeUs);
    this.clockErrUs = this.#clock.errUs(this.deviceTimeUs);
    this.#state = 'running';
    this.#nextSample = this.sample + samples;
    this.#nextCounter = (counter + samples) >>> 0;
    this.#nextDeviceUs = this.deviceTimeUs + samples * this.#periodUs;
    this.#arrivalUs = arrivalUs;
    return true;
  }

  /** Whether counter, device clock and host clock agree on one run of the device, which a restart does not. */
  #isSameRun(jumpUs: number, deviceUs: number, arrivalUs: number): boolean {
    if (this.#state === 'new_stream' || this.#state === 'new_run' || jumpUs < 0) return false;
    if (Math.abs(deviceUs - this.#nextDeviceUs - jumpUs) > SLACK_US + SLACK_DRIFT * jumpUs) return false;
    if (this.#state === 'running' && jumpUs <= LATE_US) return true;
    const hostUs = arrivalUs - this.#arrivalUs;
    const backlogUs = this.#arrivalUs - this.#clock.hostTimeUs(this.#nextDeviceUs);
    const slackUs = HOST_SLACK_US + SLACK_DRIFT * hostUs;
    return hostUs - jumpUs <= slackUs && jumpUs - hostUs <= slackUs + Math.max(0, backlogUs);
  }

  #lostByHostClock(firstSampleUs: number): number {
    return Math.max(0, Math.round((firstSampleUs - this.#clock.hostTimeUs(this.#nextDeviceUs)) / this.#periodUs));
  }
}

/** The value nearest to `expected` that equals `wrapped` modulo 2^32. */
function unwrap(wrapped: number, expected: number): number {
  return wrapped + Math.round((expected - wrapped) / 2 ** 32) * 2 ** 32;
}
