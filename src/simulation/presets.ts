/** All parameters of the simulated EEG. A change of any of them needs a new SIMULATION_VERSION. */
import type { Emotion } from './emotion.ts';

/** Written into everything made from simulated data; models and tables of different versions are not comparable. */
export const SIMULATION_VERSION = 3;

export const RHYTHMS = ['delta', 'theta', 'alpha', 'beta', 'gamma'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

export const REGIONS = ['prefrontal', 'frontal', 'central', 'temporal', 'parietal', 'occipital'] as const;
export type Region = (typeof REGIONS)[number];

/** Each region has one source in each hemisphere, below these electrodes. */
export const REGION_SITES: Readonly<Record<Region, readonly [left: string, right: string]>> = {
  prefrontal: ['FP1', 'FP2'],
  frontal: ['F3', 'F4'],
  central: ['C3', 'C4'],
  temporal: ['T7', 'T8'],
  parietal: ['P3', 'P4'],
  occipital: ['O1', 'O2'],
};

/** Edges at half power. Alpha is narrow, and its centre depends on the person (see `alphaHz`). */
export const RHYTHM_BANDS_HZ: Readonly<Record<Exclude<Rhythm, 'alpha'>, readonly [lo: number, hi: number]>> = {
  delta: [1, 3],
  theta: [4, 7],
  beta: [14, 30],
  gamma: [31, 50],
};

/** Resting amplitude of a source at the electrode above it, uV rms, in the order of REGIONS. */
export const RHYTHM_UV: Readonly<Record<Rhythm, readonly number[]>> = {
  delta: [5, 5, 5, 4, 6, 6],
  theta: [3, 3.5, 3, 2.5, 2.5, 2.5],
  alpha: [2, 2, 2.5, 2.5, 5, 6],
  beta: [2, 2.2, 2.2, 2.2, 2, 2],
  gamma: [1.5, 1.3, 1.3, 1.5, 1.3, 1.3],
};

/**
 * Regions where an emotion raises a rhythm above rest (Zheng & Lu 2015, "Investigating critical frequency bands and
 * channels for EEG-based emotion recognition"; Zheng, Zhu & Lu 2019): positive raises beta and gamma over lateral
 * temporal sites, neutral raises alpha over parietal and occipital sites, negative raises delta over parietal and
 * occipital and gamma over prefrontal sites.
 */
export const EMOTION_EFFECTS: Readonly<Record<Emotion, Partial<Record<Rhythm, readonly Region[]>>>> = {
  negative: { delta: ['parietal', 'occipital'], gamma: ['prefrontal'] },
  neutral: { alpha: ['parietal', 'occipital'] },
  positive: { beta: ['temporal'], gamma: ['temporal'] },
};

export interface Preset {
  /** Effect of an emotion on the amplitude of a source. */
  readonly effectDb: number;
  /** Variation of the effect between trials, the same in all modalities: see `trialIntensity`. */
  readonly intensitySd: number;
  /** Standard deviation between people, of each rhythm's gain over the whole scalp and of each source's gain. */
  readonly subjectDb: number;
  /** Standard deviation between people of each source's position, along each axis of the unit sphere. */
  readonly subjectShift: number;
  /** As `subjectDb`, but between the trials of a person. */
  readonly trialDb: number;
  /** Slow wandering of each source's amplitude within a trial: standard deviation and time constant. */
  readonly wanderDb: number;
  readonly wanderS: number;
  /** The person's alpha frequency: mean and standard deviation. */
  readonly alphaHz: readonly [mean: number, sd: number];
  /** 1/f^exponent background at every electrode. */
  readonly backgroundUv: number;
  readonly backgroundExponent: number;
  /** White noise of an electrode, up to 125 Hz. */
  readonly electrodeUv: number;
  /** Amplitude of the 50 Hz mains hum (mean over electrodes). */
  readonly lineUv: number;
  /** Standard deviation of an electrode's offset, and of its slow drift (time constant 30 s). */
  readonly offsetUv: number;
  readonly driftUv: number;
  /** Blinks: rate and peak at FPZ. */
  readonly blinksPerMin: number;
  readonly blinkUv: number;
  /** Bursts of the temporal muscles of either side: rate and rms at T7 and T8. */
  readonly burstsPerMin: number;
  readonly burstUv: number;
}

export const PRESETS = {
  /** Easy on purpose: the effect is well above the noise, so that the live demo shows clear results. */
  demo: {
    effectDb: 7,
    intensitySd: 0,
    subjectDb: 0.7,
    subjectShift: 0.05,
    trialDb: 0.4,
    wanderDb: 0.5,
    wanderS: 10,
    alphaHz: [10, 0.5],
    backgroundUv: 9,
    backgroundExponent: 1.4,
    electrodeUv: 0.6,
    lineUv: 0.4,
    offsetUv: 5000,
    driftUv: 30,
    blinksPerMin: 12,
    blinkUv: 110,
    burstsPerMin: 1,
    burstUv: 8,
  },
  /**
   * Hard on purpose: the differences between people and trials are as large as the emotion's effect. The numbers were
   * chosen so that a DNN on one modality alone, without distillation, has an accuracy of 60 to 75 % on unseen windows,
   * for each modality, within and across people.
   */
  benchmark: {
    effectDb: 3,
    intensitySd: 0.25,
    subjectDb: 1.5,
    subjectShift: 0.1,
    trialDb: 1.2,
    wanderDb: 1.5,
    wanderS: 10,
    alphaHz: [10, 0.8],
    backgroundUv: 11,
    backgroundExponent: 1.4,
    electrodeUv: 0.8,
    lineUv: 0.6,
    offsetUv: 5000,
    driftUv: 50,
    blinksPerMin: 16,
    blinkUv: 120,
    burstsPerMin: 4,
    burstUv: 10,
  },
} as const satisfies Record<string, Preset>;
export type PresetName = keyof typeof PRESETS;
