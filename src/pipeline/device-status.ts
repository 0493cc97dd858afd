import type { DeviceStatusEvent, EventTime, Notice } from '../api/events.ts';
import { NOTICE_CODE } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';
import { isWhole } from '../gaze/geometry.ts';
import type { DeviceCounts, Modality, StreamInfo } from '../samples.ts';
import { timeOfNow } from './stream-clock.ts';

const NO_COUNTS: DeviceCounts = {
  bytesReceived: 0,
  bytesDiscarded: 0,
  samplesReceived: 0,
  samplesLost: 0,
  reconnects: 0,
  awayMs: 0,
};

type State = DeviceStatusEvent['data']['state'];

/** What is known about one device, as events of the stream `device` and as notices. */
export class DeviceStatus {
  readonly #source: Modality;
  readonly #clock: Clock;
  #state: Pick<DeviceStatusEvent['data'], 'state' | 'message' | 'retry_in_ms'> = {
    state: 'connecting',
    message: '',
    retry_in_ms: null,
  };
  #wasLost = false;
  info: StreamInfo | null = null;
  counts: DeviceCounts = NO_COUNTS;
  samplesInterpolated = 0;
  clockErrUs = 0;

  /** @param source the modality of the model that the device feeds */
  constructor(source: Modality, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The events of a change of state; losing the device and getting it back are notices, too. */
  change(state: State, message: string, retryInMs: number | null): (DeviceStatusEvent | Notice)[] {
    this.#state = { state, message, retry_in_ms: retryInMs };
    const events: (DeviceStatusEvent | Notice)[] = [this.event()];
    if (state === 'lost') {
      const retry = retryInMs === null ? {} : { retry_in_ms: retryInMs };
      events.push({ ...this.notice('device_lost', message), ...retry });
    } else if (state === 'streaming' && this.#wasLost) {
      events.push(this.notice('device_back', message));
    }
    if (state !== 'connecting') this.#wasLost = state === 'lost';
    return events;
  }

  notice(name: Notice['name'], message: string): Notice {
    return { type: 'notice', code: NOTICE_CODE[name], name, message, source: this.#source };
  }

  #time(): EventTime {
    const now = timeOfNow(this.#clock);
    return { ...now, clock_err_us: now.clock_err_us + Math.round(this.clockErrUs) };
  }

  event(): DeviceStatusEvent {
    const { info, counts } = this;
    return {
      stream: 'device',
      t: this.#time(),
      source: this.#source,
      simulated: info?.simulated ?? null,
      data: {
        ...this.#state,
        device_id: info?.deviceId ?? null,
        sample_rate_hz: info?.sampleRateHz ?? null,
        channels: info?.channels.map((channel) => channel.label) ?? [],
        geometry: geometryData(info?.geometry),
        bytes_received: counts.bytesReceived,
        bytes_discarded: counts.bytesDiscarded,
        samples_received: counts.samplesReceived,
        samples_lost: counts.samplesLost,
        samples_interpolated: this.samplesInterpolated,
        reconnects: counts.reconnects,
        away_ms: counts.awayMs,
      },
    };
  }
}

/** Null where the screen's geometry is incomplete. */
function geometryData(geometry: StreamInfo['geometry']): DeviceStatusEvent['data']['geometry'] {
  if (!isWhole(geometry)) return null;
  const { screenPx: screen_px, screenMm: screen_mm, distanceMm: distance_mm } = geometry;
  return { screen_px, screen_mm, distance_mm };
}
