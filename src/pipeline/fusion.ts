/**
 * Decision fusion: combines the predictions of several modalities into one, as a source of its own.
 *
 * The sum rule (Kittler, Hatef, Duin & Matas 1998, "On combining classifiers"): the mean of the probabilities, weighted by the
 * quality of each source's window. It is less sensitive to one wrong estimate than the product rule. A source that abstains,
 * or whose last prediction is old, is left out, and the event lists the sources that were fused.
 *
 * One fused prediction is emitted per hop, with each prediction of the first source; while that source is silent, with the
 * others' predictions.
 */

import type { ModelDescription, PredictionEvent, Source, Verdict } from '../api/events.ts';
import type { QualitySummary } from '../decision.ts';
import { AffectEdgeError } from '../errors.ts';
import type { Modality } from '../samples.ts';
import { decision, withoutDecision } from './to-events.ts';

/** Largest distance between the ends of two windows that are fused: two hops, and the delay of gaze events. */
const SAME_MOMENT_HOPS = 2;
const EVENT_DELAY_US = 0.5e6;
/** After this many hops without a prediction of the first source, the others trigger the fusion. */
const SILENT_HOPS = 1.5;

/** A prediction with a label. */
type Answer = PredictionEvent & { readonly data: Extract<Verdict, { state: 'ok' }> };

export class Fusion {
  readonly #labels: readonly string[];
  readonly #sources: readonly Source[];
  readonly #hopUs: number;
  readonly #toleranceUs: number;
  /** When the first source last emitted a prediction. */
  #ledUs = Number.NEGATIVE_INFINITY;
  readonly #last = new Map<Source, PredictionEvent>();

  /** Throws CONFIG_INVALID for models with different lists of classes, and for two models of one modality. */
  constructor(models: readonly Pick<ModelDescription, 'id' | 'labels' | 'modality' | 'hop_ms'>[]) {
    const [first, ...others] = models;
    this.#labels = first?.labels ?? [];
    this.#sources = models.map(({ modality }) => modality);
    this.#hopUs = Math.max(...models.map(({ hop_ms }) => hop_ms * 1000));
    this.#toleranceUs = SAME_MOMENT_HOPS * this.#hopUs + EVENT_DELAY_US;
    for (const other of others) checkTogether(first!, other);
  }

  /** Takes a new prediction of one source; returns the fused prediction where one is due. */
  push(event: PredictionEvent): PredictionEvent | null {
    this.#last.set(event.source, event);
    if (event.source === this.#sources[0]) this.#ledUs = event.t.emit_us;
    else if (event.t.emit_us - this.#ledUs < SILENT_HOPS * this.#hopUs) return null;
    const last = this.#sources.flatMap((source) => this.#last.get(source) ?? []);
    const newestUs = Math.max(...last.map(({ t }) => t.end_us));
    const present = last.filter(({ t }) => newestUs - t.end_us <= this.#toleranceUs);
    const answers = present.filter((candidate): candidate is Answer => candidate.data.state === 'ok');
    const grounds = answers.length > 0 ? answers : present;
    const newest = grounds.reduce((a, b) => (b.t.end_us > a.t.end_us ? b : a));
    return {
      stream: 'prediction',
      t: {
        start_us: Math.min(...grounds.map(({ t }) => t.start_us)),
        end_us: newest.t.end_us,
        emit_us: event.t.emit_us,
        mono_us: newest.t.mono_us,
        clock_err_us: Math.max(...grounds.map(({ t }) => t.clock_err_us)),
      },
      quality: together(grounds.map(({ quality }) => quality)),
      source: 'fusion',
      fused: answers.map(({ source }) => source as Modality),
      profile: null,
      simulated: present.some(({ simulated }) => simulated),
      data: answers.length > 0 ? this.#verdict(answers) : withoutPrediction(present),
    };
  }

  #verdict(answers: readonly Answer[]): Verdict {
    const weights = answers.map(({ quality }) => quality.score);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const probs = this.#labels.map(
      (_, label) => answers.reduce((sum, { data }, a) => sum + weights[a]! * data.probs[label]!, 0) / total,
    );
    return decision(this.#labels, this.#labels[probs.indexOf(Math.max(...probs))]!, probs);
  }
}

function checkTogether(a: Pick<ModelDescription, 'id' | 'labels' | 'modality'>, b: typeof a): void {
  const listed = ({ labels }: typeof a) => labels.join(', ');
  if (listed(a) !== listed(b)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `models ${a.id} (${listed(a)}) and ${b.id} (${listed(b)}) have different lists of classes, or ` +
        'list them in another order: choose two models with the same list of classes',
    );
  }
  if (a.modality === b.modality) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `models ${a.id} and ${b.id} are both of modality "${a.modality}": one of each can be served together`,
    );
  }
}

/** No source has a prediction: abstains for their reasons, or is still warming up where there are none. */
function withoutPrediction(present: readonly PredictionEvent[]): Verdict {
  const reasons = [...new Set(present.flatMap(({ data }) => data.reasons))];
  const state = reasons.length > 0 ? 'abstain' : 'warmup';
  return withoutDecision(state, reasons);
}

function together(qualities: readonly QualitySummary[]): QualitySummary {
  const mean = (of: (quality: QualitySummary) => number) =>
    qualities.reduce((sum, quality) => sum + of(quality), 0) / qualities.length;
  return {
    coverage: mean(({ coverage }) => coverage),
    lost: qualities.reduce((sum, { lost }) => sum + lost, 0),
    bad_channels: qualities.flatMap(({ bad_channels }) => bad_channels),
    score: mean(({ score }) => score),
  };
}
