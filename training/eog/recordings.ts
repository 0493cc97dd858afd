/** Trials of EEG and EOG at 128 Hz, what people felt in them, and the windows that they are cut into. */

import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import type { Batch } from './feedback.ts';
import { patchesOf } from './patches.ts';
import type { NetworkSize } from './size.ts';

export const EOG_RATE_HZ = 128;

/** DEAP's order. */
export const DEAP_EEG: readonly string[] = (
  'FP1 AF3 F3 F7 FC5 FC1 C3 T7 CP5 CP1 P3 P7 PO3 O1 OZ PZ ' + 'FP2 AF4 FZ F4 F8 FC6 FC2 CZ C4 T8 CP6 CP2 P4 P8 PO4 O2'
).split(' ');
export const EOG_CHANNELS: readonly string[] = ['hEOG', 'vEOG'];

export const TARGETS = ['valence', 'arousal'] as const;
export type Target = (typeof TARGETS)[number];
/** Of either target. */
export const LEVELS = ['low', 'high'] as const;

export interface EogTrial {
  readonly subject: number;
  /** Within the subject, from 0. */
  readonly number: number;
  /** Of every channel. */
  readonly samples: number;
  /** Channel-major, [32 * samples] in the order of DEAP_EEG and [2 * samples], uV. */
  readonly eeg: Float32Array;
  readonly eog: Float32Array;
  readonly high: Readonly<Record<Target, boolean>>;
}

export interface EogData {
  readonly description: string;
  readonly simulated: boolean;
  readonly trials: readonly EogTrial[];
}

export interface EogWindow {
  readonly trial: EogTrial;
  /** Its first sample. */
  readonly from: number;
  /** Index of LEVELS. */
  readonly label: number;
}

/** Without overlap, from each trial's start; what is left at its end is dropped. */
export function windowsOf(trials: readonly EogTrial[], target: Target, { samples }: NetworkSize): EogWindow[] {
  return trials.flatMap((trial) =>
    Array.from({ length: Math.floor(trial.samples / samples) }, (_, w) => ({
      trial,
      from: w * samples,
      label: Number(trial.high[target]),
    })),
  );
}

/** Of each channel. */
export interface ChannelScale {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
export type Modality = 'eeg' | 'eog';
export type Scales = Readonly<Record<Modality, ChannelScale>>;

/** A channel that hardly moves would be blown up to nonsense by a person for whom it does, uV. */
const LEAST_STD_UV = 1e-3;

/**
 * Mean and standard deviation of every channel over all samples of some trials; rounded to float32, as a graph holds
 * them.
 */
export function fitScales(trials: readonly EogTrial[]): Scales {
  const ofModality = (modality: Modality, channels: number): ChannelScale => {
    const figures = Array.from({ length: channels }, (_, channel) => {
      let count = 0;
      let mean = 0;
      let squares = 0;
      // Welford's recursion by trials (Chan, Golub & LeVeque 1983): a sum of squares would lose the digits of an offset.
      for (const { samples, ...trial } of trials) {
        const values = trial[modality].subarray(channel * samples, (channel + 1) * samples);
        const own = values.reduce((sum, value) => sum + value, 0) / samples;
        const spread = values.reduce((sum, value) => sum + (value - own) ** 2, 0);
        const shift = own - mean;
        squares += spread + (shift ** 2 * count * samples) / (count + samples);
        count += samples;
        mean += (shift * samples) / count;
      }
      return { mean: Math.fround(mean), std: Math.fround(Math.max(LEAST_STD_UV, Math.sqrt(squares / count))) };
    });
    return { mean: figures.map(({ mean }) => mean), std: figures.map(({ std }) => std) };
  };
  if (trials.length === 0) throw new AffectEdgeError('DATA_INVALID', 'no trials to train on; add recordings');
  return { eeg: ofModality('eeg', DEAP_EEG.length), eog: ofModality('eog', EOG_CHANNELS.length) };
}

/** Standardised windows as the networks take them. */
export function batchOf(windows: readonly EogWindow[], scales: Scales, size: NetworkSize): Batch {
  const labels = new Float32Array(windows.length * LEVELS.length);
  for (const [i, { label }] of windows.entries()) labels[i * LEVELS.length + label] = 1;
  return {
    eeg: inputOf('eeg', windows, scales, size),
    eog: inputOf('eog', windows, scales, size),
    labels: tf.tensor2d(labels, [windows.length, LEVELS.length]),
  };
}

export function inputOf(modality: Modality, windows: readonly EogWindow[], scales: Scales, size: NetworkSize) {
  const { mean, std } = scales[modality];
  const signals = windows.map((window) => {
    const signal = samplesOf(window, modality, size);
    return signal.map((value, i) => {
      const channel = Math.floor(i / size.samples);
      return (value - mean[channel]!) / std[channel]!;
    });
  });
  return patchesOf(signals, mean.length, size);
}

/** As they were recorded, channel-major [channels * samples]. */
export function samplesOf({ trial, from }: EogWindow, modality: Modality, { samples }: NetworkSize): Float32Array {
  const channels = trial[modality].length / trial.samples;
  const signal = new Float32Array(channels * samples);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * trial.samples + from;
    signal.set(trial[modality].subarray(start, start + samples), channel * samples);
  }
  return signal;
}
