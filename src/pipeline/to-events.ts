/** From what the stages compute to the events that go over the wire. */
import type { EventTime, GazeStreamEvent, PredictionEvent, QualityEvent, Verdict } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { GazeEvent } from '../gaze/event.ts';
import type { Manifest } from '../model/manifest.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import { emittedNow, type SpanTime, timeOfNow } from './stream-clock.ts';

type WithoutDecision = Exclude<Verdict, { state: 'ok' }>;

export function withoutDecision(state: WithoutDecision['state'], reasons: Verdict['reasons']): WithoutDecision {
  return { state, reasons, label: null, probs: null, probs_by_label: null };
}

/** The decision for the class `label`; `probs` are in the order of `labels`. */
export function decision(labels: readonly string[], label: string, probs: readonly number[]): Verdict {
  const probs_by_label = Object.fromEntries(labels.map((name, i) => [name, probs[i]!]));
  return { state: 'ok', reasons: [], label, probs, probs_by_label };
}

/** The data of an event of the stream `gaze`. */
export function gazeData(event: GazeEvent): GazeStreamEvent['data'] {
  const { type, durationMs: duration_ms } = event;
  switch (type) {
    case 'fixation':
      return {
        type,
        duration_ms,
        x_deg: event.xDeg,
        y_deg: event.yDeg,
        dispersion_x_deg: event.dispersionXDeg,
        dispersion_y_deg: event.dispersionYDeg,
      };
    case 'saccade':
      return { type, duration_ms, amplitude_deg: event.amplitudeDeg, peak_deg_s: event.peakDegS };
    default:
      return { type, duration_ms };
  }
}

/** The data of an event of the stream `quality`. */
export function qualityData({ quality }: FeatureWindow): QualityEvent['data'] {
  if (quality.modality === 'eye') {
    return { electrodes: [], eyes: { worn: quality.worn, pupils: quality.pupils } };
  }
  const electrodes = quality.channels.map(({ label, bad, interpolated, rmsUv: rms_uv }) => ({
    label,
    bad,
    interpolated,
    rms_uv,
  }));
  return { electrodes, eyes: null };
}

/** Replaces a prediction while no window comes; `last` is the time of the last window, null before the first one. */
export function stalePrediction(
  manifest: Manifest,
  clock: Clock,
  last: SpanTime | null,
  simulatedSignal: boolean,
): PredictionEvent {
  const now = timeOfNow(clock);
  const t: EventTime =
    last === null
      ? { ...now, start_us: now.end_us - Math.round(manifest.preprocess.window_s * 1e6) }
      : emittedNow(last, clock);
  return {
    stream: 'prediction',
    t,
    quality: { coverage: 0, lost: 0, bad_channels: [], score: 0 },
    source: manifest.modality,
    profile: null,
    simulated: simulatedSignal || manifest.simulated,
    data: withoutDecision('abstain', ['stale']),
  };
}
