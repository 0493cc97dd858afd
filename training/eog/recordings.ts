/** Trials of EEG and EOG as windows at 128 Hz, with their levels of valence and arousal. */
import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import { EOG_CHANNELS } from '../../src/preprocess/eog/config.ts';
import { BAD_CHANNEL_RULES } from '../../src/preprocess/signal/bad-channels.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import type { Target } from './config.ts';
import type { Batch } from './feedback.ts';
import { patchesOf } from './network/patches.ts';
import type { NetworkSize } from './network/size.ts';

/** The 32 electrodes in DEAP's order. */
export const DEAP_EEG: readonly string[] = (
  'FP1 AF3 F3 F7 FC5 FC1 C3 T7 CP5 CP1 P3 P7 PO3 O1 OZ PZ ' + 'FP2 AF4 FZ F4 F8 FC6 FC2 CZ C4 T8 CP6 CP2 P4 P8 PO4 O2'
).split(' ');

/** Channel-major [32 * samples] in the order of DEAP_EEG and [2 * samples], uV. */
export interface Signals {
  readonly eeg: Float32Array;
  readonly eog: Float32Array;
}
export type SignalName = keyof Signals;

export interface EogTrial {
  readonly subject: number;
  /** Within the subject, from 0. */
  readonly number: number;
  /** Without overlap, in time order, without the windows that the live pipeline would not classify. */
  readonly windows: readonly Signals[];
  readonly high: Readonly<Record<Target, boolean>>;
}

export interface EogData {
  readonly description: string;
  /** The simulator that made it; null for recordings of people. */
  readonly simulation: { readonly preset: string; readonly version: number } | null;
  readonly trials: readonly EogTrial[];
  /** Number of windows that the live pipeline would not classify: filters settle, or a channel is bad. */
  readonly leftOut: number;
}

export interface EogWindow extends Signals {
  readonly trial: EogTrial;
  /** Index into LEVELS. */
  readonly label: number;
}

export function windowsOf(trials: readonly EogTrial[], target: Target): EogWindow[] {
  return trials.flatMap((trial) =>
    trial.windows.map((signals) => ({ ...signals, trial, label: Number(trial.high[target]) })),
  );
}

/** Mean and standard deviation of each channel, in uV. */
interface ChannelScale {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
export type Scales = Readonly<Record<SignalName, ChannelScale>>;

/**
 * Mean and standard deviation of every channel over all windows of the trials, rounded to float32 as in the ONNX graph.
 * A channel with a deviation below the flat-channel limit of preprocessing is constant but for rounding, so it is not
 * divided. Throws DATA_INVALID without windows.
 */
export function fitScales(trials: readonly EogTrial[]): Scales {
  const windows = trials.flatMap((trial) => trial.windows);
  if (windows.length === 0) throw new AffectEdgeError('DATA_INVALID', 'no windows to train on; add recordings');
  const scaleOf = (signal: SignalName, channels: number): ChannelScale => {
    const samples = windows[0]![signal].length / channels;
    const overAll = (channel: number, term: (value: number) => number) => {
      let sum = 0;
      for (const window of windows) {
        const values = window[signal];
        for (let i = channel * samples; i < (channel + 1) * samples; i++) sum += term(values[i]!);
      }
      return sum / (windows.length * samples);
    };
    const mean = Array.from({ length: channels }, (_, channel) => overAll(channel, (value) => value));
    const std = mean.map((centre, channel) => Math.sqrt(overAll(channel, (value) => (value - centre) ** 2)));
    return {
      mean: mean.map(Math.fround),
      std: std.map((spread) => (spread < BAD_CHANNEL_RULES.flatUv ? 1 : Math.fround(spread))),
    };
  };
  return { eeg: scaleOf('eeg', DEAP_EEG.length), eog: scaleOf('eog', EOG_CHANNELS.length) };
}

/** Standardised windows with one-hot labels, as the networks read them. */
export function batchOf(windows: readonly EogWindow[], scales: Scales, size: NetworkSize): Batch {
  const labels = new Float32Array(windows.length * LEVELS.length);
  for (const [i, { label }] of windows.entries()) labels[i * LEVELS.length + label] = 1;
  return {
    eeg: inputOf('eeg', windows, scales, size),
    eog: inputOf('eog', windows, scales, size),
    labels: tf.tensor2d(labels, [windows.length, LEVELS.length]),
  };
}

/** Standardised windows of one signal, as a network reads them. */
export function inputOf(signal: SignalName, windows: readonly Signals[], scales: Scales, size: NetworkSize) {
  const { mean, std } = scales[signal];
  const standardised = windows.map((window) =>
    window[signal].map((value, i) => {
      const channel = Math.floor(i / size.samples);
      return (value - mean[channel]!) / std[channel]!;
    }),
  );
  return patchesOf(standardised, mean.length, size);
}
