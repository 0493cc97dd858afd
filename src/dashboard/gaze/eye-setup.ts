/** What the panels of an eye tracker need to know about the device. */
import type { ClientEvent, RawFrame } from '../../client/index.ts';
import { type GazeLayout, gazeLayout } from '../../gaze/geometry.ts';
import { GazePlane } from './plane.ts';

type DeviceData = ClientEvent<'device'>['data'];

/** The channels and the screen of an eye tracker, from a device event. */
export interface EyeSetup {
  readonly layout: GazeLayout;
  readonly plane: GazePlane;
  /** Names of the pupil diameters, in the layout's order. */
  readonly pupilNames: readonly string[];
}

/** Null until the device has described its channels. */
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

/** The mean of the given channels at one sample, without NaN; NaN if all are NaN. */
export function meanOfValid(frame: RawFrame, channels: readonly number[], sample: number): number {
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

/** Draw every n-th sample, so that about `wantedHz` are drawn per second. */
export function strideFor(sampleRateHz: number, wantedHz: number): number {
  return Math.max(1, Math.round(sampleRateHz / wantedHz));
}
