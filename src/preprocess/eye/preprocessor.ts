/** From raw gaze to the eye-movement features: events, pupils, windows, statistics. */
import { AffectEdgeError } from '../../errors.ts';
import { GAZE_EVENTS } from '../../gaze/config.ts';
import type { GazeEvent } from '../../gaze/event.ts';
import { GazeEventStage, SIGHT } from '../../gaze/event-stage.ts';
import { EyeOrder } from '../../gaze/eye-order.ts';
import { type GazeLayout, gazeLayout } from '../../gaze/geometry.ts';
import type { Block, StreamInfo } from '../../samples.ts';
import type { FeatureWindow } from '../feature-window.ts';
import type { Preprocessor, SampleAccount } from '../preprocessor.ts';
import type { EyePreprocessConfig } from './config.ts';
import { eyeFeaturePlaces, eyeFeatures } from './features.ts';
import { EyeStream } from './stream.ts';
import { EyeWindows } from './windows.ts';

/**
 * Throws CONFIG_INVALID for channels that are no gaze or have no pupil, for pixels without a geometry and for a method
 * that knows the whole trial, MODEL_MISMATCH for a pupil in another unit, RATE_UNSUPPORTED below 25 Hz.
 */
export function createEyePreprocessor(config: EyePreprocessConfig, info: StreamInfo): Preprocessor {
  return new GazePreprocessor(config, info);
}

/** What two eyes are watched for, before their order is believed. */
const ORDER_S = 10;

class GazePreprocessor implements Preprocessor {
  readonly channels: readonly string[];
  events: readonly GazeEvent[] = [];
  doubts: readonly string[] = [];
  /** Channel indices of the pupils X and Y. */
  readonly #pupils: readonly [x: number, y: number];
  readonly #stream: EyeStream;
  readonly #gaze: GazeEventStage;
  readonly #windows: EyeWindows;
  /** Null for a tracker of one gaze. */
  readonly #order: EyeOrder | null;
  readonly #orderSamples: number;

  constructor(config: EyePreprocessConfig, info: StreamInfo) {
    const { algorithm, window_s, hop_s, features, pupil_unit, pupil_baseline_s } = config;
    checkMethod(config);
    this.channels = eyeFeatures(features, pupil_unit).map(({ name }) => name);
    const layout = gazeLayout(info);
    this.#pupils = pupilChannels(config, info, layout);
    this.#order = layout.eyes.length > 1 ? new EyeOrder() : null;
    this.#orderSamples = Math.ceil(ORDER_S * info.sampleRateHz);
    this.#stream = new EyeStream(info.channels.length);
    this.#gaze = new GazeEventStage(info, { ...GAZE_EVENTS, algorithm });
    this.#windows = new EyeWindows({
      rateHz: info.sampleRateHz,
      windowS: window_s,
      hopS: hop_s,
      delaySamples: this.delaySamples,
      marginSamples: Math.ceil((GAZE_EVENTS.blinkMarginMs * info.sampleRateHz) / 1000),
      baselineSamples: Math.ceil((pupil_baseline_s ?? 0) * info.sampleRateHz),
      places: eyeFeaturePlaces(features),
    });
  }

  get delaySamples(): number {
    return this.#gaze.delaySamples;
  }

  get account(): SampleAccount {
    return this.#stream.account;
  }

  push(block: Block): FeatureWindow[] {
    const windows: FeatureWindow[] = [];
    this.#stream.take(block);
    this.doubts = this.#doubtsOf(block);
    this.events = this.#gaze.push(block);
    this.#windows.tell(this.events);
    const { sights } = this.#gaze;
    const [x, y] = this.#pupils;
    for (let i = 0; i < block.length; i++) {
      const diameterX = diameterOf(block, x, i);
      const diameterY = x === y ? diameterX : diameterOf(block, y, i);
      const hasEyes = (sights[i]! & SIGHT.eyes) !== 0;
      const hasGaze = (sights[i]! & SIGHT.gaze) !== 0;
      this.#windows.push(block.firstSample + i, hasEyes, hasGaze, diameterX, diameterY, windows);
    }
    return windows;
  }

  #doubtsOf(block: Block): string[] {
    const order = this.#order;
    if (order === null || order.pairs >= this.#orderSamples) return [];
    this.#gaze.signal.readOrder(block, order, this.#orderSamples);
    return order.pairs >= this.#orderSamples && order.doubt !== undefined ? [order.doubt] : [];
  }

  flush(): FeatureWindow[] {
    const windows: FeatureWindow[] = [];
    const events = this.#gaze.flush();
    this.#windows.tell(events);
    this.#windows.flush(windows);
    this.reset();
    this.events = events;
    return windows;
  }

  reset(): void {
    for (const part of [this.#stream, this.#gaze, this.#windows]) part.reset();
    this.#order?.reset();
    this.events = [];
    this.doubts = [];
  }
}

function diameterOf({ data, length }: Block, channel: number, i: number): number {
  const diameter = data[channel * length + i]!;
  return diameter > 0 && diameter < Number.POSITIVE_INFINITY ? diameter : Number.NaN;
}

function checkMethod({ method }: EyePreprocessConfig): void {
  if (method === 'causal-30s') return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `eye features of the method "${method}" know the whole trial, which a signal under way does not: ` +
      'they come with the data sets only; use a model of the method "causal-30s"',
  );
}

function pupilChannels(
  { pupil_unit }: EyePreprocessConfig,
  { deviceId }: StreamInfo,
  { pupils, pupilUnit }: GazeLayout,
): readonly [number, number] {
  const [x, y = x] = pupils;
  if (x === undefined || y === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${deviceId} gives no pupil diameter, and the eye features need one: choose a tracker with the channels ` +
        `pupil_left_${pupil_unit} and pupil_right_${pupil_unit}, or pupil_${pupil_unit}`,
    );
  }
  if (pupilUnit !== pupil_unit) {
    throw new AffectEdgeError(
      'MODEL_MISMATCH',
      `${deviceId} gives the pupil in ${pupilUnit}, and the features are made of ${pupil_unit}: ` +
        `choose a tracker that gives ${pupil_unit}, or a model for ${pupilUnit}`,
    );
  }
  return [x, y];
}
