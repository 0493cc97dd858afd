/** Gaze streams for the tests of event detection. */

import { GAZE_EVENTS, type GazeAlgorithm } from '../../src/gaze/config.ts';
import type { GazeEvent } from '../../src/gaze/event.ts';
import { GazeEventStage } from '../../src/gaze/event-stage.ts';
import type { Block, GazeGeometry, StreamInfo } from '../../src/samples.ts';
import { blockOf, randomOf } from './signals.ts';

export const SCREEN: GazeGeometry = { screenPx: [1920, 1080], screenMm: [510, 287], distanceMm: 650 };

/** An eye tracker's stream; labels end in their unit. */
export function eyeInfo(labels: readonly string[], sampleRateHz: number): StreamInfo {
  const channels = labels.map((label) => ({ label, unit: label.split('_').at(-1)! }));
  return { deviceId: 'test', modality: 'eye', channels, sampleRateHz, simulated: true, geometry: SCREEN };
}

/** Gaze of one eye in degrees, and its pupil. */
export const ONE_EYE = ['x_deg', 'y_deg', 'pupil_mm'];
export const TWO_EYES = ['x_left_deg', 'y_left_deg', 'x_right_deg', 'y_right_deg', 'pupil_left_mm', 'pupil_right_mm'];

export interface Scene {
  readonly rateHz: number;
  readonly seconds: number;
  /** Saccades along x: start, degrees. They last 21 ms + 2.2 ms per degree; the velocity is a raised cosine. */
  readonly saccades?: readonly (readonly [atS: number, deg: number])[];
  /** Standard deviation on each axis, degrees. */
  readonly noiseDeg?: number;
  /** Missing values from `fromS` to `toS`: of one eye (0 left, 1 right) or both, of the gaze only or the pupil, too. */
  readonly missing?: readonly {
    readonly fromS: number;
    readonly toS: number;
    readonly eye?: 0 | 1;
    readonly gazeOnly?: boolean;
  }[];
  readonly labels?: readonly string[];
  /** Right gaze less left gaze along x, degrees. */
  readonly disparityDeg?: number;
}

/** x at time t: the sum of the saccades that have started, each up to its current part. */
function xAt(t: number, saccades: NonNullable<Scene['saccades']>): number {
  return saccades.reduce((x, [atS, deg]) => {
    const part = Math.min(1, Math.max(0, (t - atS) / saccadeS(deg)));
    return x + deg * (part - Math.sin(2 * Math.PI * part) / (2 * Math.PI));
  }, 0);
}

export function saccadeS(deg: number): number {
  return 0.021 + 0.0022 * Math.abs(deg);
}

export function sceneBlock(scene: Scene): Block {
  const { rateHz, seconds, saccades = [], noiseDeg = 0.02, missing = [], labels = ONE_EYE, disparityDeg = 0 } = scene;
  const random = randomOf(5);
  // The sum of three uniform numbers: approximately normal with variance 1.
  const normal = () => 2 * (random() + random() + random() - 1.5);
  return blockOf(eyeInfo(labels, rateHz), Math.round(seconds * rateHz), (c, n) => {
    const t = n / rateHz;
    const label = labels[c]!;
    const eye = label.includes('right') ? 1 : 0;
    const isPupil = label.startsWith('pupil');
    const isMissing = missing.some(
      (m) => t >= m.fromS - 1e-9 && t < m.toS - 1e-9 && (m.eye ?? eye) === eye && !(m.gazeOnly && isPupil),
    );
    if (isMissing) return Number.NaN;
    if (isPupil) return 3.5;
    const x = label.startsWith('x') ? xAt(t, saccades) + disparityDeg * (eye - 0.5) : 0;
    return x + noiseDeg * normal();
  });
}

export function stageOf(info: StreamInfo, algorithm: GazeAlgorithm = 'ivt'): GazeEventStage {
  return new GazeEventStage(info, { ...GAZE_EVENTS, algorithm });
}

/** All events, in the order they were reported. */
export function eventsOf(blocks: readonly Block[], algorithm: GazeAlgorithm = 'ivt'): GazeEvent[] {
  const stage = stageOf(blocks[0]!.info, algorithm);
  return [...blocks.flatMap((block) => stage.push(block)), ...stage.flush()];
}

export function ofType<Type extends GazeEvent['type']>(
  events: readonly GazeEvent[],
  type: Type,
): Extract<GazeEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<GazeEvent, { type: Type }> => event.type === type);
}
