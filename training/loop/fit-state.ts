/** State of a training: everything that its next step depends on, and the figures of its epochs. */
import * as tf from '@tensorflow/tfjs';
import type { Distiller } from '../distillers/distiller.ts';
import type { Optimiser } from '../tf/optimiser.ts';

export interface EpochFigures {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean of the minimised loss over the epoch's steps. */
  readonly loss: number;
  /** Cross-entropy of the validation rows, in nats. */
  readonly validationLoss: number;
}

/** As plain numbers, to be written to a file. */
export interface FitState {
  /** The epoch that has begun; 0 and below during warm-up. */
  readonly epoch: number;
  /** Steps made since the start. */
  readonly step: number;
  /** Losses of the steps of the epoch that has begun. */
  readonly losses: Float32Array;
  readonly curve: readonly EpochFigures[];
  readonly best: { readonly epoch: number; readonly loss: number } | null;
  /** Step counts of each optimiser. */
  readonly optimiserSteps: readonly (readonly number[])[];
  /** ln Z of each bank: one number, or none before its first batch. */
  readonly logZ: readonly Float32Array[];
  /** Every variable, then the best epoch's weights. */
  readonly tensors: readonly Float32Array[];
}

/** What a training step changes. */
export interface Moving {
  readonly weights: readonly tf.Variable[];
  readonly distiller: Distiller | null;
  readonly optimisers: readonly Optimiser[];
}

export interface Progress {
  epoch: number;
  step: number;
  losses: tf.Scalar[];
  curve: EpochFigures[];
  best: { epoch: number; loss: number; weights: tf.Tensor[] } | null;
}

export async function saveState(moving: Moving, progress: Progress): Promise<FitState> {
  const { epoch, step, losses, curve, best } = progress;
  const logZ = (moving.distiller?.banks ?? []).map((bank) => bank.logZ);
  return {
    epoch,
    step,
    losses: await together(losses),
    curve: [...curve],
    best: best === null ? null : { epoch: best.epoch, loss: best.loss },
    optimiserSteps: moving.optimisers.map(({ steps }) => [...steps]),
    logZ: await Promise.all(logZ.map((value) => together(value === null ? [] : [value]))),
    tensors: await readAll([...variablesOf(moving), ...(best?.weights ?? [])]),
  };
}

export function restoreState(state: FitState, moving: Moving, progress: Progress): void {
  const { weights, distiller, optimisers } = moving;
  const variables = variablesOf(moving);
  tf.tidy(() => {
    for (const [i, variable] of variables.entries()) {
      variable.assign(tf.tensor(state.tensors[i]!, variable.shape));
    }
    for (const [i, bank] of (distiller?.banks ?? []).entries()) {
      for (const logZ of state.logZ[i]!) bank.freezeZ(tf.scalar(logZ));
    }
  });
  for (const [i, { steps }] of optimisers.entries()) steps.splice(0, steps.length, ...state.optimiserSteps[i]!);
  progress.epoch = state.epoch;
  progress.step = state.step;
  progress.losses = Array.from(state.losses, (loss) => tf.scalar(loss));
  progress.curve = [...state.curve];
  const best = weights.map((weight, i) => [weight, state.tensors[variables.length + i]] as const);
  progress.best = state.best && {
    ...state.best,
    weights: best.map(([{ shape }, values]) => tf.tensor(values!, shape)),
  };
}

/** Saving and restoring use the same order. */
function variablesOf({ weights, distiller, optimisers }: Moving): tf.Variable[] {
  const banks = (distiller?.banks ?? []).map(({ features }) => features);
  return [
    ...weights,
    ...(distiller?.parameters ?? []),
    ...optimisers.flatMap(({ memory }) => memory),
    ...banks,
  ] as tf.Variable[];
}

/** Values of scalars. As floats they can be NaN, unlike numbers in JSON: divergence is reported when the epoch ends. */
async function together(scalars: readonly tf.Scalar[]): Promise<Float32Array> {
  return Float32Array.from((await readAll(scalars)).map(([value]) => value!));
}

/** A copy of each tensor's values. */
export function readAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data<'float32'>())));
}
