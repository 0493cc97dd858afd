/** From a window of features to its prediction. */
import {
  type FeaturesEvent,
  type PredictionEvent,
  publishesFeatures,
  type QualityEvent,
  type Verdict,
} from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { ModelBundle } from '../model/bundle.ts';
import { decide, summariseQuality } from '../preprocess/decide.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import { emittedNow, type SpanTime } from './stream-clock.ts';
import { decision, qualityData, withoutDecision } from './to-events.ts';

/** A window that waits for the model. */
export interface PendingWindow {
  readonly window: FeatureWindow;
  readonly t: SpanTime;
  readonly simulatedSignal: boolean;
  /**
   * Why its prediction is withheld, or null: `stale` where an outage delayed it so long that it would be mistaken for the
   * present, `rate_mismatch` where the device sends at another rate than it declares.
   */
  readonly withheld: 'stale' | 'rate_mismatch' | null;
}

export class Inference {
  readonly #model: ModelBundle;
  readonly #clock: Clock;

  constructor(model: ModelBundle, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
  }

  /** The prediction, the features where the model publishes them, and the quality; only windows that are `ok` are classified. */
  async run(pending: PendingWindow): Promise<(PredictionEvent | FeaturesEvent | QualityEvent)[]> {
    const { window, t, simulatedSignal, withheld } = pending;
    const { modality, simulated } = this.#model.manifest;
    const { state, reasons } = withheld === null ? decide(window) : { state: 'abstain' as const, reasons: [withheld] };
    const verdict = state === 'ok' ? await this.#classify(window) : withoutDecision(state, reasons);
    const common = {
      t: emittedNow(t, this.#clock),
      quality: summariseQuality(window),
      source: modality,
      profile: null,
      simulated: simulatedSignal || simulated,
    };
    const features = await this.#features(window, verdict);
    return [
      { stream: 'prediction', ...common, data: verdict },
      ...(features === null ? [] : [{ stream: 'features' as const, ...common, data: features }]),
      { stream: 'quality', ...common, data: qualityData(window) },
    ];
  }

  async #classify({ values }: FeatureWindow): Promise<Verdict> {
    const { label, probs } = await this.#model.classify(values);
    return decision(this.#model.description.labels, label, probs);
  }

  async #features({ values }: FeatureWindow, { state, label }: Verdict): Promise<FeaturesEvent['data'] | null> {
    const { description } = this.#model;
    if (!publishesFeatures(description)) return null;
    // Only models with named features explain themselves; an EEG model has too many features for that.
    const isExplained = label !== null && description.features.length > 0;
    const influence = isExplained ? await this.#model.influence(values, label) : null;
    return { state, values: Array.from(values), influence };
  }
}
