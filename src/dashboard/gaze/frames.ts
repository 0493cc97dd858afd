/** The raw frames of an eye tracker, read by the names of its channels. */
import type { ClientEvent, RawFrame } from '../../client/index.ts';
import { type GazeLayout, gazeLayout } from '../../gaze/geometry.ts';
import { GazePlane } from './plane.ts';

type DeviceData = ClientEvent<'device'>['data'];

/** What a device event says of an eye tracker; null before it has said which channels it has. */
export interface EyeSetup {
  readonly layout: GazeLayout;
  readonly plane: GazePlane;
  /** Of the diameters, in the layout's order. */
  readonly pupilNames: readonly string[];
}

export function eyeSetupOf({ device_id, sample_rate_hz, channels, geometry }: DeviceData): EyeSetup | null {
  if (device_id === null || sample_rate_hz === null) return null;
  const layout = gazeLayout({
    deviceId: device_id,
    modality: 'eye',
    sampleRateHz: sample_rate_hz,
    simulated: false,
    // A label ends in its unit.
    channels: channels.map((label) => ({ label, unit: label.slice(label.lastIndexOf('_') + 1) })),
  });
  const names = layout.pupilPerEye ? ['left', 'right'] : ['horizontal', 'vertical'];
  return { layout, plane: new GazePlane(geometry), pupilNames: layout.pupils.length === 1 ? ['pupil'] : names };
}

/** The mean of the values that are there; NaN where none is. */
export function meanSeen(frame: RawFrame, channels: readonly number[], sample: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < channels.length; i++) {
    const value = frame.data[channels[i]! * frame.info.samples + sample]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/** About so many a second of a faster stream's samples are enough for the eye. */
export function strideFor(sampleRateHz: number, wantedHz: number): number {
  return Math.max(1, Math.round(sampleRateHz / wantedHz));
}
