import { Subject } from 'rxjs';
import type { z } from 'zod';
import type {
  DeviceStatusEvent,
  FeaturesEvent,
  GazeStreamEvent,
  MarkerEvent,
  ModelDescription,
  Notice,
  PredictionEvent,
  QualityEvent,
  RawEvent,
  StreamEvent,
} from '../../src/api/events.ts';
import type { Service } from '../../src/api/service.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { decision } from '../../src/pipeline/to-events.ts';
import type { Block, StreamInfo } from '../../src/samples.ts';
import { type ServerOptions, serverConfigSchema } from '../../src/server/config.ts';

export const FAKE_MODEL: ModelDescription = {
  id: 'fake-8ch',
  sha256: 'ab'.repeat(32),
  modality: 'eeg',
  labels: ['negative', 'neutral', 'positive'],
  montage: ['FP1', 'FP2'],
  bands: [['alpha', 8, 13]],
  features: [],
  window_ms: 4000,
  hop_ms: 1000,
  simulated: true,
};

/** Has no features. */
export const FAKE_EYE_MODEL: ModelDescription = {
  ...FAKE_MODEL,
  id: 'fake-eye',
  modality: 'eye',
  montage: [],
  bands: [],
};

/** A service without a device or a model. The server publishes the events passed to `publish`. */
export class FakeService implements Service {
  readonly session: string;
  readonly events$ = new Subject<StreamEvent | Notice>();
  readonly models: Service['models'];
  readonly sources: Service['sources'];
  readonly simulated = true;
  readonly marks: string[] = [];
  ready = { ready: true, reason: 'ready' };

  constructor(session = 'session-1', models: Service['models'] = [FAKE_MODEL]) {
    this.session = session;
    this.models = models;
    const modalities = models.map(({ modality }) => modality);
    this.sources = models.length > 1 ? [...modalities, 'fusion'] : modalities;
  }

  readiness(): { ready: boolean; reason: string } {
    return this.ready;
  }

  mark(label: string): void {
    if (label === 'refuse') throw new Error('the time line is closed');
    this.marks.push(label);
    this.publish(markerEvent(label));
  }

  publish(...events: (StreamEvent | Notice)[]): void {
    for (const event of events) this.events$.next(event);
  }
}

export function serverOptions(
  config: z.input<typeof serverConfigSchema> = {},
  rest: { clock?: Clock; dashboardDir?: string } = {},
): ServerOptions {
  return { ...serverConfigSchema.parse(config), clock: systemClock, version: '1.2.3', ...rest };
}

const t = { start_us: 1e15, end_us: 1e15 + 4e6, emit_us: 1e15 + 4e6 + 8000, mono_us: 5e9, clock_err_us: 120 };
const window = {
  t,
  quality: { coverage: 1, lost: 0, bad_channels: [], score: 1 },
  source: 'eeg',
  profile: null,
  simulated: true,
} as const;

export function predictionEvent(emitUs: number = t.emit_us): PredictionEvent {
  return {
    stream: 'prediction',
    ...window,
    t: { ...t, emit_us: emitUs },
    data: decision(FAKE_MODEL.labels, 'positive', [0.1, 0.2, 0.7]),
  };
}

/** An event with `values` numbers, for a chosen size. */
export function featuresEvent(values = 10): FeaturesEvent {
  return {
    stream: 'features',
    ...window,
    data: { state: 'ok', values: Array.from({ length: values }, (_, i) => i / 7), influence: null },
  };
}

export function qualityEvent(): QualityEvent {
  const electrodes = [{ label: 'FP1', bad: null, interpolated: false, rms_uv: 12.5 }];
  return { stream: 'quality', ...window, data: { electrodes, eyes: null } };
}

export function gazeEvent(data: GazeStreamEvent['data']): GazeStreamEvent {
  return { stream: 'gaze', t, source: 'eye', simulated: true, data };
}

export function deviceEvent(samplesReceived = 1000): DeviceStatusEvent {
  return {
    stream: 'device',
    t,
    source: 'eeg',
    simulated: true,
    data: {
      state: 'streaming',
      message: 'streaming',
      retry_in_ms: null,
      device_id: 'fake',
      sample_rate_hz: 1000,
      channels: ['FP1', 'FP2'],
      geometry: null,
      bytes_received: 8 * samplesReceived,
      bytes_discarded: 3,
      samples_received: samplesReceived,
      samples_lost: 2,
      samples_interpolated: 1,
      reconnects: 0,
      away_ms: 0,
    },
  };
}

export function markerEvent(label: string): MarkerEvent {
  return { stream: 'marker', t, source: null, data: { label, origin: 'client' } };
}

export function noticeEvent(): Notice {
  return { type: 'notice', code: 600, name: 'device_lost', message: 'the device is gone', retry_in_ms: 500 };
}

export const FAKE_STREAM: StreamInfo = {
  deviceId: 'fake',
  modality: 'eeg',
  channels: [
    { label: 'FP1', unit: 'uV' },
    { label: 'FP2', unit: 'uV' },
  ],
  sampleRateHz: 1000,
  simulated: true,
};

/** Sample i of channel c is `1000 * c + firstSample + i`. */
export function rawEvent(firstSample: number, length: number, lostBefore = 0, info = FAKE_STREAM): RawEvent {
  const data = new Float32Array(info.channels.length * length);
  info.channels.forEach((_, c) => {
    for (let i = 0; i < length; i++) data[c * length + i] = 1000 * c + firstSample + i;
  });
  const startUs = 1e15 + (firstSample * 1e6) / info.sampleRateHz;
  const block: Block = {
    info,
    firstSample,
    length,
    data,
    lostBefore,
    deviceTimeUs: startUs,
    hostTimeUs: startUs,
    clockErrUs: 50,
  };
  const endUs = startUs + (length * 1e6) / info.sampleRateHz;
  return {
    stream: 'raw',
    source: info.modality,
    t: { start_us: startUs, end_us: endUs, emit_us: endUs, mono_us: endUs, clock_err_us: 50 },
    block,
  };
}
