import { HostClock } from '../host-clock.ts';

/** How far back a repeated or reordered frame may lie; further back, the device has restarted. */
const LATE_US = 1e6;
/** What counter and device clock may disagree by, at once and by drift, before a jump is not believed. */
const SLACK_US = 1e6;
const SLACK_DRIFT = 1e-3;
/** The same against the host's clock: a busy host reads late. Only a device that restarts this young is mistaken. */
const HOST_SLACK_US = 5e6;

/** Where a DATA frame lies: the fields are valid until the next `place`. */
export class Timeline {
  /** Index of the frame's first sample on the stream. */
  sample = 0;
  /** Samples lost right before it. */
  lost = 0;
  /** Device time of the first sample, unwrapped. */
  deviceTimeUs = 0;
  hostTimeUs = 0;
  clockErrUs = 0;

  #periodUs: number;
  #clock = new HostClock();
  /** `reopened`: the link broke since the last frame; `new_run`: the counter has no past that it could be held against. */
  #state: 'new_stream' | 'running' | 'reopened' | 'new_run' = 'new_stream';
  // what the next contiguous frame will say
  #nextSample = 0;
  #nextCounter = 0;
  #nextDeviceUs = 0;
  #arrivalUs = 0;

  constructor(sampleRateHz: number) {
    this.#periodUs = 1e6 / sampleRateHz;
  }

  /** Whether `sampleOf` knows the device's present run. */
  get running(): boolean {
    return this.#state === 'running';
  }

  /** Another rate: the old counter says nothing about the new one, the sample index goes on. */
  setSampleRate(sampleRateHz: number): void {
    this.#periodUs = 1e6 / sampleRateHz;
    if (this.#state !== 'new_stream') this.#state = 'new_run';
  }

  interrupted(): void {
    if (this.#state === 'running') this.#state = 'reopened';
  }

  /** Position of a counter of the current run on the sample index. */
  sampleOf(counter: number): number {
    return this.#nextSample + ((counter - this.#nextCounter) | 0);
  }

  /** False for a frame that repeats what was received or declared lost before. */
  place(counter: number, timeUs: number, samples: number, arrivalUs: number): boolean {
    const jump = (counter - this.#nextCounter) | 0;
    const jumpUs = jump * this.#periodUs;
    if (this.#state === 'running' && jump < 0 && -jumpUs <= LATE_US) return false;

    const deviceUs = unwrap(timeUs, this.#nextDeviceUs + jumpUs);
    const lastUs = (samples - 1) * this.#periodUs;
    if (this.#believes(jumpUs, deviceUs, arrivalUs)) {
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

  /** Whether counter, device clock and host clock tell of one run of the device: a restart agrees with none of them. */
  #believes(jumpUs: number, deviceUs: number, arrivalUs: number): boolean {
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
