/** Gaze and pupils of a simulated person as a binocular eye tracker samples them in front of a screen. */
import { AffectEdgeError } from '../../errors.ts';
import { checkGeometry } from '../../gaze/geometry.ts';
import { Random } from '../../random.ts';
import type { Channel, GazeGeometry } from '../../samples.ts';
import { DEFAULT_SCHEDULE } from '../emotion.ts';
import { type GeneratorOptions, type SignalGenerator, StateMarkers, signalGenerator } from '../generator.ts';
import { GazePath } from './path.ts';
import { Pupils } from './pupil.ts';

const GAZE_CHANNELS: readonly Channel[] = [
  { label: 'x_left_px', unit: 'px' },
  { label: 'y_left_px', unit: 'px' },
  { label: 'x_right_px', unit: 'px' },
  { label: 'y_right_px', unit: 'px' },
  { label: 'pupil_left_mm', unit: 'mm' },
  { label: 'pupil_right_mm', unit: 'mm' },
];
/** A 24-inch screen at 65 cm. */
export const SIMULATED_SCREEN: GazeGeometry = { screenPx: [1920, 1080], screenMm: [527, 296], distanceMm: 650 };
const TRACKER_RATES_HZ = { min: 30, max: 1250 };

/** Noise of a good remote tracker, rms of each eye and axis: gaze and pupil. */
const NOISE_DEG = 0.06;
const NOISE_MM = 0.01;
/** Standard deviation between people of the difference of the two eyes' measured gaze, along x and y. */
const DISPARITY_DEG = [0.4, 0.15] as const;
/** Effect of a half-closed lid: relative decrease of the measured pupil diameter, and downward shift of the gaze. */
const LID_PUPIL = 0.25;
const LID_GAZE_DEG = 1;

export interface GazeGeneratorOptions extends GeneratorOptions {
  /** Whole, 30 to 1250 Hz. */
  readonly sampleRateHz: number;
  /** Default: SIMULATED_SCREEN. */
  readonly geometry?: GazeGeometry;
}

/**
 * Gaze and pupils of both eyes; NaN where the lids are closed. The movements do not depend on the sampling rate; the
 * tracker's noise is drawn for each sample.
 *
 * @throws RATE_UNSUPPORTED, CONFIG_INVALID.
 */
export function createGazeGenerator(options: GazeGeneratorOptions): SignalGenerator {
  const {
    seed,
    preset,
    sampleRateHz,
    subject = seed,
    schedule = DEFAULT_SCHEDULE,
    geometry = SIMULATED_SCREEN,
  } = options;
  const { min, max } = TRACKER_RATES_HZ;
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < min || sampleRateHz > max) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `the simulated eye tracker samples at whole rates from ${min} to ${max} Hz, got ${sampleRateHz}`,
    );
  }
  checkGeometry(geometry);
  const person = { seed, subject, preset, schedule };
  const path = new GazePath(person);
  const pupils = new Pupils(person);
  const random = new Random(seed, 'eye tracker');
  const own = new Random('subject', subject, 'gaze', 'disparity');
  const [disparityX, disparityY] = DISPARITY_DEG.map((sd) => sd * own.normal()) as [number, number];
  const [toX, toY] = [toPixels(geometry, 0), toPixels(geometry, 1)];
  let sample = 0;

  /** Sample i of a chunk, both eyes. */
  function write(data: Float32Array, length: number, i: number): void {
    const timeS = sample++ / sampleRateHz;
    path.moveTo(timeS);
    pupils.moveTo(timeS);
    const covered = 2 * path.lid;
    for (const eye of [0, 1] as const) {
      const side = eye - 0.5;
      const x = path.xDeg + side * disparityX + NOISE_DEG * random.normal();
      const y = path.yDeg + side * disparityY - LID_GAZE_DEG * covered + NOISE_DEG * random.normal();
      const mm = pupils.diametersMm[eye]! * (1 - LID_PUPIL * covered) + NOISE_MM * random.normal();
      data[2 * eye * length + i] = path.isClosed ? Number.NaN : toX(x);
      // y in pixels increases downwards.
      data[(2 * eye + 1) * length + i] = path.isClosed ? Number.NaN : toY(-y);
      data[(4 + eye) * length + i] = path.isClosed ? Number.NaN : mm;
    }
  }

  const markers = new StateMarkers(seed, schedule, sampleRateHz);
  const info = {
    deviceId: 'simulated-eye-tracker',
    modality: 'eye',
    channels: GAZE_CHANNELS,
    sampleRateHz,
    simulated: true,
    geometry,
  } as const;
  return signalGenerator(info, (length) => {
    const data = new Float32Array(GAZE_CHANNELS.length * length);
    for (let i = 0; i < length; i++) write(data, length, i);
    return { data, markers: markers.next(length) };
  });
}

/** Degrees from the screen's centre to pixels, the inverse of `toDegrees`. */
function toPixels({ screenPx, screenMm, distanceMm }: GazeGeometry, axis: 0 | 1): (deg: number) => number {
  const pxPerMm = screenPx[axis] / screenMm[axis];
  return (deg) => screenPx[axis] / 2 + Math.tan((deg * Math.PI) / 180) * distanceMm * pxPerMm;
}
