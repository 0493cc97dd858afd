/** The loop over epochs that all training shares: early stopping, interruption and resumption. */
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { mean } from '../../src/dsp/moments.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { type EpochFigures, type FitState, type Moving, type Progress, restoreState, saveState } from './fit-state.ts';

/** What is trained epoch by epoch, whatever its networks are. */
interface EpochTask {
  readonly moving: Moving;
  /** Epochs before epoch 1; they are not candidates for the best epoch. */
  readonly warmUpEpochs?: number;
  readonly epochs: number;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
  /** The steps of an epoch in order, the same for the same epoch; each returns its loss. */
  stepsOf(epoch: number): readonly (() => Promise<tf.Scalar>)[];
  /** The loss that chooses the epoch. */
  validate(): Promise<number>;
}

export interface StepPlace {
  /** Counted from 1; 0 and below during warm-up. */
  readonly epoch: number;
  /** Steps of this epoch that are done, and how many it has. */
  readonly step: number;
  readonly steps: number;
}

/** Callbacks of training. `save` returns the state from which training continues bit for bit. */
export interface TrainingHooks<State, Figures = EpochFigures> {
  readonly resume?: State | undefined;
  readonly signal?: AbortSignal | undefined;
  onStep?(place: StepPlace): void;
  onEpoch?(figures: Figures, save: () => Promise<State>): Promise<void> | void;
  /** Called between two steps after the signal was aborted. */
  onInterrupt?(save: () => Promise<State>): Promise<void>;
}

export interface FitResult {
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly validationLoss: number;
  readonly curve: readonly EpochFigures[];
}

/**
 * Trains until the last epoch or until patience ends, and restores the weights of the best epoch by `validate`.
 * Throws DATA_INVALID where a loss is not finite, INTERRUPTED where the signal was aborted.
 */
export async function runEpochs(task: EpochTask, hooks: TrainingHooks<FitState> = {}): Promise<FitResult> {
  const { moving, warmUpEpochs = 0, epochs, patience } = task;
  const progress: Progress = { epoch: 1 - warmUpEpochs, step: 0, losses: [], curve: [], best: null };
  if (hooks.resume !== undefined) restoreState(hooks.resume, moving, progress);
  const save = () => saveState(moving, progress);

  try {
    const improves = () => progress.best === null || progress.curve.length - progress.best.epoch < patience;
    while (progress.epoch <= epochs && improves()) {
      const { epoch } = progress;
      await runSteps(task.stepsOf(epoch), progress, hooks, save);
      const loss = await meanOf(progress.losses);
      progress.losses = [];
      progress.epoch++;
      const validationLoss = epoch < 1 ? 0 : await task.validate();
      requireFinite(epoch, loss, validationLoss);
      if (epoch < 1) continue;
      const figures = { epoch, loss, validationLoss };
      progress.curve.push(figures);
      keepBest(figures, moving.weights, progress);
      await hooks.onEpoch?.(figures, save);
    }
    const best = progress.best!;
    for (const [i, variable] of moving.weights.entries()) variable.assign(best.weights[i]!);
    return { bestEpoch: best.epoch, validationLoss: best.loss, curve: progress.curve };
  } finally {
    tf.dispose([...progress.losses, ...(progress.best?.weights ?? [])]);
  }
}

/** Runs the steps of an epoch that are not done yet. */
async function runSteps(
  steps: ReturnType<EpochTask['stepsOf']>,
  progress: Progress,
  hooks: TrainingHooks<FitState>,
  save: () => Promise<FitState>,
): Promise<void> {
  for (const step of steps.slice(progress.losses.length)) {
    if (hooks.signal?.aborted) {
      await hooks.onInterrupt?.(save);
      throw new AffectEdgeError('INTERRUPTED', 'training was interrupted');
    }
    progress.losses.push(await step());
    progress.step++;
    hooks.onStep?.({ epoch: progress.epoch, step: progress.losses.length, steps: steps.length });
    await yieldToEvents();
  }
}

/** Reads the losses and disposes of them. */
async function meanOf(losses: readonly tf.Scalar[]): Promise<number> {
  const values = await Promise.all(losses.map(async (loss) => (await loss.data())[0]!));
  tf.dispose([...losses]);
  return mean(values);
}

function requireFinite(epoch: number, loss: number, validationLoss: number): void {
  if (Number.isFinite(loss) && Number.isFinite(validationLoss)) return;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `training diverged in epoch ${epoch} (loss ${loss}, validation ${validationLoss}); give a lower --learning-rate or --teacher-learning-rate`,
  );
}

/** Copies the weights where no earlier epoch had a lower validation loss. */
function keepBest({ epoch, validationLoss: loss }: EpochFigures, weights: Moving['weights'], progress: Progress): void {
  if (progress.best !== null && loss >= progress.best.loss) return;
  tf.dispose(progress.best?.weights ?? []);
  progress.best = { epoch, loss, weights: weights.map((variable) => variable.clone()) };
}
