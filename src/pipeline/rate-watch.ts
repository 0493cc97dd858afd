/** Compares the declared sampling rate, and the device's clock, with the host's clock. */
import type { Block } from '../samples.ts';

/** Nominal rates and crystals are within 1 %, the edges of a span are read up to 50 ms late. */
const MAX_DEVIATION = 0.05;
/** Before a first span has been right, windows are withheld where samples run ahead by this much: no backlog is as long. */
const SUSPICIOUS_US = 1e6;
const SPAN_US = 2e6;
/** Consecutive spans that must deviate in one direction: a busy host reads some spans late, and others early. */
const SPANS = 4;

interface Edge {
  readonly sample: number;
  readonly deviceUs: number;
  readonly hostUs: number;
}

/** Rates of a run of spans, both relative to the declared ones. */
interface Rates {
  readonly samples: number;
  readonly clock: number;
}

export class RateWatch {
  /** The first block since the start or an outage. */
  #first: Edge | null = null;
  #from: Edge | null = null;
  /** Start of the deviating spans. */
  #offFrom: Edge | null = null;
  #off = { spans: 0, sign: 0 };
  #isTrusted = false;
  #isReported = false;
  #isSuspicious = false;

  /** Whether windows must be withheld. */
  get isWrong(): boolean {
    return this.#isReported || (this.#isSuspicious && !this.#isTrusted);
  }

  /** The device is away: the next block starts anew. */
  interrupt(): void {
    this.#first = null;
    this.#from = null;
    this.#offFrom = null;
    this.#off = { spans: 0, sign: 0 };
  }

  /**
   * Takes a block that arrived at `hostUs`.
   *
   * @returns a message once where the rate is wrong, else null
   */
  observe({ info, firstSample, length, deviceTimeUs }: Block, hostUs: number): string | null {
    const { sampleRateHz, deviceId } = info;
    const edge = {
      sample: firstSample + length,
      deviceUs: deviceTimeUs + (length * 1e6) / sampleRateHz,
      hostUs,
    };
    if (this.#first === null || this.#from === null) {
      this.#first = edge;
      this.#from = edge;
      return null;
    }
    if (hostUs - this.#from.hostUs < SPAN_US) return null;
    const from = this.#from;
    this.#isSuspicious = aheadUs(this.#first, edge, sampleRateHz) > SUSPICIOUS_US;
    this.#from = edge;
    const { samples, clock } = ratesOf(from, edge, sampleRateHz);
    const deviation = Math.abs(samples - 1) > MAX_DEVIATION ? samples - 1 : clock - 1;
    const sign = Math.abs(deviation) > MAX_DEVIATION ? Math.sign(deviation) : 0;
    if (sign === 0) {
      this.#off = { spans: 0, sign: 0 };
      this.#isReported = false;
      this.#isTrusted = true;
      return null;
    }
    if (sign !== this.#off.sign) this.#offFrom = from;
    this.#off = { spans: sign === this.#off.sign ? this.#off.spans + 1 : 1, sign };
    if (this.#off.spans < SPANS || this.#isReported) return null;
    this.#isReported = true;
    return messageOf(deviceId, sampleRateHz, ratesOf(this.#offFrom!, edge, sampleRateHz));
  }
}

/** By how much the samples are ahead of the host's clock, or differ from the device's clock. A busy host causes neither. */
function aheadUs(from: Edge, to: Edge, sampleRateHz: number): number {
  const samplesUs = ((to.sample - from.sample) * 1e6) / sampleRateHz;
  return Math.max(samplesUs - (to.hostUs - from.hostUs), Math.abs(samplesUs - (to.deviceUs - from.deviceUs)));
}

function ratesOf(from: Edge, to: Edge, sampleRateHz: number): Rates {
  const hostUs = to.hostUs - from.hostUs;
  return {
    samples: ((to.sample - from.sample) * 1e6) / hostUs / sampleRateHz,
    clock: (to.deviceUs - from.deviceUs) / hostUs,
  };
}

function messageOf(deviceId: string, sampleRateHz: number, { samples, clock }: Rates): string {
  const measured = (samples * sampleRateHz).toFixed(1);
  const its =
    Math.abs(samples - 1) > MAX_DEVIATION
      ? `${measured} samples a second come from it`
      : `its own clock runs at ${clock.toFixed(2)} times the speed of this one (${measured} samples a second come from it)`;
  return (
    `${deviceId} declares ${sampleRateHz} Hz, but by the clock of this computer ${its}: set the device to the rate ` +
    'that it declares. There are no predictions until then'
  );
}
