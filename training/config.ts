/** Every hyperparameter of a training run; it is stored with the result. */
export interface TrainConfig {
  readonly seed: number;
  readonly epochs: number;
  readonly batch: number;
  /** Reached after `warmupEpochs`, then down to 0 along a cosine. */
  readonly learningRate: number;
  readonly warmupEpochs: number;
  readonly weightDecay: number;
}

/** The student's recipe of CMCRD's authors, without its distillation. */
export const DEFAULT_TRAIN_CONFIG: TrainConfig = {
  seed: 2022,
  epochs: 40,
  batch: 32,
  learningRate: 1e-3,
  warmupEpochs: 10,
  weightDecay: 1e-3,
};
