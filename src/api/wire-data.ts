/** From what the stages know to the fields that go over the wire. */

import type { GazeEvent } from '../gaze/event.ts';
import { isWhole } from '../gaze/geometry.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import type { StreamInfo } from '../samples.ts';
import type { DeviceStatusEvent, GazeStreamEvent, ModelDescription, QualityEvent } from './events.ts';

/** A model without named features or bands takes the signal itself, which would go out under a lesser scope. */
export function publishesFeatures({ bands, features }: Pick<ModelDescription, 'bands' | 'features'>): boolean {
  return bands.length + features.length > 0;
}

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

/** Null where the screen is not wholly known. */
export function geometryData(geometry: StreamInfo['geometry']): DeviceStatusEvent['data']['geometry'] {
  if (!isWhole(geometry)) return null;
  const { screenPx: screen_px, screenMm: screen_mm, distanceMm: distance_mm } = geometry;
  return { screen_px, screen_mm, distance_mm };
}

export function qualityData({ channels, eyes }: FeatureWindow): QualityEvent['data'] {
  const electrodes = channels.map(({ label, bad, interpolated, rmsUv: rms_uv }) => ({
    label,
    bad,
    interpolated,
    rms_uv,
  }));
  return { electrodes, eyes: eyes && { worn: eyes.worn, pupils: eyes.pupils } };
}
