/** Events of an eye tracker and its model, with the content that a test chooses. */
import type {
  DeviceStatusEvent,
  FeaturesEvent,
  GazeStreamEvent,
  ModelDescription,
  PredictionEvent,
  QualityEvent,
  RawEvent,
  Source,
  Verdict,
} from '../../src/api/events.ts';
import { decision } from '../../src/pipeline/to-events.ts';
import { eyeFeatures } from '../../src/preprocess/eye/features.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { deviceEvent, FAKE_MODEL } from './fake-service.ts';
import { eyeInfo, SCREEN } from './gaze.ts';

export const EYE_MODEL: ModelDescription = {
  ...FAKE_MODEL,
  id: 'fake-eye33',
  modality: 'eye',
  montage: [],
  bands: [],
  features: eyeFeatures(33, 'mm'),
};
const LABELS = ['x_left_px', 'y_left_px', 'x_right_px', 'y_right_px', 'pupil_left_mm', 'pupil_right_mm'];
const RATE_HZ = 100;
/** Samples of one block: 40 ms, which the server sends as one frame. */
const BLOCK = 4;
const EYE_INFO: StreamInfo = eyeInfo(LABELS, RATE_HZ);
/** Time of the tracker's first sample, Unix microseconds. */
export const START_US = 1.7e15;

export const OK: Verdict = decision(FAKE_MODEL.labels, 'positive', [0.1, 0.2, 0.7]);
export const abstention = (...reasons: Verdict['reasons']): Verdict => ({
  state: 'abstain',
  reasons,
  label: null,
  probs: null,
  probs_by_label: null,
});

const window = (source: Source, endUs: number) => ({
  t: { start_us: endUs - 4e6, end_us: endUs, emit_us: endUs + 5000, mono_us: endUs, clock_err_us: 100 },
  quality: { coverage: 1, lost: 0, bad_channels: [], score: 1 },
  source,
  profile: null,
  simulated: true,
});

export function prediction(source: Source, data: Verdict, more: Partial<PredictionEvent> = {}): PredictionEvent {
  return { stream: 'prediction', ...window(source, START_US), data, ...more };
}

/** The features of the same window as `prediction`. */
export function features(influence: readonly number[] | null, values: readonly number[]): FeaturesEvent {
  return {
    stream: 'features',
    ...window('eye', START_US),
    data: { state: influence ? 'ok' : 'abstain', influence, values },
  };
}

export function eyeQuality(worn: boolean, pupils: readonly [x: number, y: number], coverage: number): QualityEvent {
  const event = window('eye', START_US);
  return {
    stream: 'quality',
    ...event,
    quality: { ...event.quality, coverage },
    data: { electrodes: [], eyes: { worn, pupils } },
  };
}

export function trackerEvent(geometry: boolean = true): DeviceStatusEvent {
  const { screenPx: screen_px, screenMm: screen_mm, distanceMm: distance_mm } = SCREEN;
  const event: DeviceStatusEvent = { ...deviceEvent(), simulated: false };
  return {
    ...event,
    source: 'eye',
    data: {
      ...event.data,
      device_id: EYE_INFO.deviceId,
      sample_rate_hz: RATE_HZ,
      channels: LABELS,
      geometry: geometry ? { screen_px, screen_mm, distance_mm } : null,
    },
  };
}

/** Gaze position on the screen in pixels and pupil diameters in millimetres; null: not seen. */
export interface Look {
  readonly px: readonly [x: number, y: number] | null;
  readonly mm: readonly [left: number | null, right: number | null];
}
export const CLOSED: Look = { px: null, mm: [null, null] };

/** Makes blocks of 40 ms on its own clock. */
export class FakeTracker {
  #next = 0;

  /** Time of the next sample, Unix microseconds. */
  get nowUs(): number {
    return START_US + (this.#next / RATE_HZ) * 1e6;
  }

  /** The next `seconds` of samples; `look` gets the seconds since their start. */
  play(seconds: number, look: (s: number) => Look): RawEvent[] {
    return Array.from({ length: Math.round((seconds * RATE_HZ) / BLOCK) }, (_, b) =>
      this.#block((i) => look((b * BLOCK + i) / RATE_HZ)),
    );
  }

  #block(look: (i: number) => Look): RawEvent {
    const data = new Float32Array(LABELS.length * BLOCK);
    for (let i = 0; i < BLOCK; i++) {
      const { px, mm } = look(i);
      const [x, y] = px ?? [Number.NaN, Number.NaN];
      [x, y, x, y, ...mm].forEach((value, c) => {
        data[c * BLOCK + i] = value ?? Number.NaN;
      });
    }
    const startUs = this.nowUs;
    const firstSample = this.#next;
    this.#next += BLOCK;
    const times = { deviceTimeUs: startUs, hostTimeUs: startUs, clockErrUs: 100 };
    return {
      stream: 'raw',
      source: 'eye',
      t: { start_us: startUs, end_us: this.nowUs, emit_us: this.nowUs, mono_us: this.nowUs, clock_err_us: 100 },
      block: { info: EYE_INFO, firstSample, length: BLOCK, data, lostBefore: 0, ...times },
    };
  }
}

/** An event that ended `agoS` seconds before `nowUs`. */
export function gazeEvent(nowUs: number, agoS: number, data: GazeStreamEvent['data']): GazeStreamEvent {
  const end = nowUs - agoS * 1e6;
  const t = { start_us: end - data.duration_ms * 1000, end_us: end, emit_us: nowUs, mono_us: end, clock_err_us: 100 };
  return { stream: 'gaze', t, source: 'eye', simulated: true, data };
}

export function fixation(x_deg: number, y_deg: number, duration_ms: number): GazeStreamEvent['data'] {
  return { type: 'fixation', duration_ms, x_deg, y_deg, dispersion_x_deg: 0.3, dispersion_y_deg: 0.2 };
}
