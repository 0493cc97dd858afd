/** From raw gaze to eye-movement features: events, pupils, windows, statistics. */
import { AffectEdgeError } from '../../errors.ts';
import { GAZE_EVENTS } from '../../gaze/config.ts';
import { GazeEventDetector } from '../../gaze/detector.ts';
import type { GazeEvent } from '../../gaze/event.ts';
import { EyeOrder } from '../../gaze/eye-order.ts';
import type { GazeLayout } from '../../gaze/geometry.ts';
import { GazeReader, type GazeSample } from '../../gaze/sample.ts';
import type { Block, StreamInfo } from '../../samples.ts';
import type { FeatureWindow } from '../feature-window.ts';
import type { Preprocessor, PreprocessorOutput, SampleAccount } from '../preprocessor.ts';
import type { EyePreprocessConfig } from './config.ts';
import { eyeFeaturePlaces, eyeFeatures } from './features.ts';
import { ReceivedSamples } from './received-samples.ts';
import { EyeWindows } from './windows.ts';

/**
 * Throws CONFIG_INVALID for channels without gaze or pupil, for pixels without a screen geometry and for a method that uses
 * the whole trial, MODEL_MISMATCH for a pupil in another unit, RATE_UNSUPPORTED below 25 Hz.
 */
export function createEyePreprocessor(config: EyePreprocessConfig, info: StreamInfo): Preprocessor {
  return new EyePreprocessor(config, info);
}

/** Length of the gaze, in seconds with both eyes, after which left and right are compared. */
const ORDER_S = 10;

class EyePreprocessor implements Preprocessor {
  readonly labels: readonly string[];
  readonly #received: ReceivedSamples;
  readonly #reader: GazeReader;
  readonly #detector: GazeEventDetector;
  readonly #windows: EyeWindows;
  /** Null for a tracker that reports one gaze. */
  readonly #order: EyeOrder | null;
  readonly #orderSamples: number;

  constructor(config: EyePreprocessConfig, info: StreamInfo) {
    const { algorithm, window_s, hop_s, features, pupil_unit, pupil_baseline_s } = config;
    const { deviceId, sampleRateHz } = info;
    checkMethod(config);
    this.labels = eyeFeatures(features, pupil_unit).map(({ name }) => name);
    this.#reader = new GazeReader(info);
    checkPupils(config, info, this.#reader.layout);
    this.#order = this.#reader.layout.eyes.length > 1 ? new EyeOrder() : null;
    this.#orderSamples = Math.ceil(ORDER_S * sampleRateHz);
    this.#received = new ReceivedSamples(info.channels.length);
    this.#detector = new GazeEventDetector(deviceId, sampleRateHz, { ...GAZE_EVENTS, algorithm });
    this.#windows = new EyeWindows({
      rateHz: sampleRateHz,
      windowS: window_s,
      hopS: hop_s,
      delaySamples: this.delaySamples,
      marginSamples: Math.ceil((GAZE_EVENTS.blinkMarginMs * sampleRateHz) / 1000),
      baselineSamples: Math.ceil((pupil_baseline_s ?? 0) * sampleRateHz),
      places: eyeFeaturePlaces(features),
    });
  }

  get delaySamples(): number {
    return this.#detector.delaySamples;
  }

  get account(): SampleAccount {
    return this.#received.account;
  }

  push(block: Block): PreprocessorOutput[] {
    this.#received.add(block);
    const out: PreprocessorOutput[] = [];
    const events: GazeEvent[] = [];
    const windows: FeatureWindow[] = [];
    for (let i = 0; i < block.length; i++) {
      const sample = this.#reader.read(block, i);
      this.#checkOrder(sample, out);
      this.#detector.push(sample, events);
      if (events.length > 0) this.#report(events, out);
      this.#windows.push(sample, windows);
      if (windows.length > 0) give(windows, out);
    }
    return out;
  }

  flush(): PreprocessorOutput[] {
    const out: PreprocessorOutput[] = [];
    const events: GazeEvent[] = [];
    const windows: FeatureWindow[] = [];
    this.#detector.flush(events);
    this.#report(events, out);
    this.#windows.flush(windows);
    give(windows, out);
    this.reset();
    return out;
  }

  reset(): void {
    for (const part of [this.#received, this.#reader, this.#detector, this.#windows]) part.reset();
    this.#order?.reset();
  }

  /** Moves the events to the windows and to the output. */
  #report(events: GazeEvent[], out: PreprocessorOutput[]): void {
    this.#windows.addEvents(events);
    for (const event of events) out.push({ type: 'gaze', event });
    events.length = 0;
  }

  #checkOrder({ leftXDeg, rightXDeg }: GazeSample, out: PreprocessorOutput[]): void {
    const order = this.#order;
    if (order === null || order.pairs >= this.#orderSamples) return;
    order.push(leftXDeg, rightXDeg);
    const { pairs, warning } = order;
    if (pairs >= this.#orderSamples && warning !== undefined) out.push({ type: 'warning', message: warning });
  }
}

/** Moves the windows to the output. */
function give(windows: FeatureWindow[], out: PreprocessorOutput[]): void {
  for (const window of windows) out.push({ type: 'window', window });
  windows.length = 0;
}

function checkMethod({ method }: EyePreprocessConfig): void {
  if (method === 'causal-30s') return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `eye features of the method "${method}" know the whole trial, which a running signal does not: ` +
      'they come with the data sets only; use a model of the method "causal-30s"',
  );
}

function checkPupils(
  { pupil_unit }: EyePreprocessConfig,
  { deviceId }: StreamInfo,
  { pupils, pupilUnit }: GazeLayout,
): void {
  if (pupils.length === 0) {
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
}
