/** From what the stages compute to the events that go over the wire. */
import type { EventTime, GazeStreamEvent, PredictionEvent, QualityEvent } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { GazeEvent } from '../gaze/event.ts';
import type { Manifest } from '../model/manifest.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';

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

/** Replaces a prediction while the device is away; ends now. */
export function stalePrediction(manifest: Manifest, clock: Clock, simulatedSignal: boolean): PredictionEvent {
  const now = clock.unixUs();
  const t: EventTime = {
    start_us: now - manifest.preprocess.window_s * 1e6,
    end_us: now,
    emit_us: now,
    clock_err_us: 0,
  };
  return {
    stream: 'prediction',
    t,
    quality: { coverage: 0, lost: 0, bad_channels: [], score: 0 },
    source: manifest.modality,
    profile: null,
    simulated: simulatedSignal || manifest.simulated,
    data: { state: 'abstain', reasons: ['stale'], label: null, probs: null },
  };
}
