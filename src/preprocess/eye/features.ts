/** The eye-movement features: order, names and units. */
import type { PupilUnit } from '../../gaze/geometry.ts';

/** Pupil spectra and features 25 to 33 cover this time, or the time since the eyes came into view. */
export const EYE_TRAILING_S = 30;

/** [low Hz (included), high Hz (excluded)] */
export const PUPIL_BANDS_HZ = [
  [0, 0.2],
  [0.2, 0.4],
  [0.4, 0.6],
  [0.6, 1],
] as const;

/** A number computed from eye movements or pupils. */
export interface EyeFeature {
  /** Name of the feature, for example "pupil_x_mean". */
  readonly name: string;
  /** Unit of the value: deg, ms, 1/s, nat, or the unit of the pupil diameter. */
  readonly unit: string;
}

/** X is the left eye's diameter (or the horizontal one, from a tracker that measures two of one eye), Y the right one's. */
const PUPILS = ['x', 'y'] as const;

/** Features 1 to 33 of the SEED data sets' tables. A statistic without events is 0. */
export const EYE_FEATURES: readonly EyeFeature[] = [
  ...PUPILS.map((pupil) => ({ name: `pupil_${pupil}_mean`, unit: 'mm' })),
  ...PUPILS.map((pupil) => ({ name: `pupil_${pupil}_std`, unit: 'mm' })),
  ...PUPILS.flatMap((pupil) =>
    PUPIL_BANDS_HZ.map(([lo, hi]) => ({ name: `pupil_${pupil}_de_${lo}-${hi}hz`, unit: 'nat' })),
  ),
  { name: 'dispersion_x_mean', unit: 'deg' },
  { name: 'dispersion_y_mean', unit: 'deg' },
  { name: 'dispersion_x_std', unit: 'deg' },
  { name: 'dispersion_y_std', unit: 'deg' },
  { name: 'fixation_duration_mean', unit: 'ms' },
  { name: 'fixation_duration_std', unit: 'ms' },
  { name: 'blink_duration_mean', unit: 'ms' },
  { name: 'blink_duration_std', unit: 'ms' },
  { name: 'saccade_duration_mean', unit: 'ms' },
  { name: 'saccade_amplitude_mean', unit: 'deg' },
  { name: 'saccade_duration_std', unit: 'ms' },
  { name: 'saccade_amplitude_std', unit: 'deg' },
  { name: 'blink_frequency_30s', unit: '1/s' },
  { name: 'fixation_frequency_30s', unit: '1/s' },
  { name: 'fixation_duration_longest_30s', unit: 'ms' },
  { name: 'dispersion_total_30s', unit: 'deg' },
  { name: 'dispersion_largest_30s', unit: 'deg' },
  { name: 'saccade_frequency_30s', unit: '1/s' },
  { name: 'saccade_duration_mean_30s', unit: 'ms' },
  { name: 'saccade_amplitude_mean_30s', unit: 'deg' },
  { name: 'saccade_latency_mean_30s', unit: 'ms' },
];

/** SEED-IV's 31 are the 33 without 19 and 20. */
export const EYE_FEATURE_COUNTS = [33, 31] as const;
export type EyeFeatureCount = (typeof EYE_FEATURE_COUNTS)[number];

/** Indices of the features among the 33, counted from 0. */
export function eyeFeaturePlaces(count: EyeFeatureCount): number[] {
  const places = EYE_FEATURES.map((_, i) => i);
  return count === 33 ? places : places.filter((i) => !EYE_FEATURES[i]!.name.startsWith('blink_duration'));
}

/** With the unit that a model expects of the pupil. */
export function eyeFeatures(count: EyeFeatureCount, pupilUnit: PupilUnit): EyeFeature[] {
  return eyeFeaturePlaces(count).map((i) => {
    const { name, unit } = EYE_FEATURES[i]!;
    return { name, unit: unit === 'mm' ? pupilUnit : unit };
  });
}
