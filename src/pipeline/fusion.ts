/**
 * Decision fusion: what the predictions of several modalities come to together, as a source of its own.
 *
 * The sum rule (Kittler, Hatef, Duin & Matas 1998, "On combining classifiers"): the mean of the probabilities, each
 * source weighing as much as its window's quality. It forgives a wrong estimate more than the product does. A source
 * that abstains, or whose last word is old, has no say: the fusion goes on with the others and tells so.
 *
 * It speaks once a hop, with the first source's predictions; while that one is silent, with the others'.
 */

import type { ModelDescription, PredictionEvent, Source, Verdict } from '../api/events.ts';
import type { QualitySummary } from '../decision.ts';
import { AffectEdgeError } from '../errors.ts';
import type { Modality } from '../samples.ts';

/** Windows whose ends lie further apart are not about the same moment: two hops, and the delay of gaze events. */
const SAME_MOMENT_HOPS = 2;
const EVENT_DELAY_US = 0.5e6;
/** After so many without a word of the source that leads, the others do. */
const SILENT_HOPS = 1.5;

/** A prediction with a label. */
type Answer = PredictionEvent & { readonly data: Extract<Verdict, { state: 'ok' }> };

export class Fusion {
  readonly #labels: readonly string[];
  readonly #sources: readonly Source[];
  readonly #hopUs: number;
  readonly #toleranceUs: number;
  /** When the source that leads spoke last. */
  #ledUs = Number.NEGATIVE_INFINITY;
  readonly #last = new Map<Source, PredictionEvent>();

  /** Throws CONFIG_INVALID for models that don't have the same list of classes, or speak for one modality. */
  constructor(models: readonly Pick<ModelDescription, 'id' | 'labels' | 'modality' | 'hop_ms'>[]) {
    const [first, ...others] = models;
    this.#labels = first?.labels ?? [];
    this.#sources = models.map(({ modality }) => modality);
    this.#hopUs = Math.max(...models.map(({ hop_ms }) => hop_ms * 1000));
    this.#toleranceUs = SAME_MOMENT_HOPS * this.#hopUs + EVENT_DELAY_US;
    for (const other of others) checkTogether(first!, other);
  }

  /** A new prediction of one source; what all of them say with it, where it is the fusion's turn. */
  push(event: PredictionEvent): PredictionEvent | null {
    this.#last.set(event.source, event);
    if (event.source === this.#sources[0]) this.#ledUs = event.t.emit_us;
    else if (event.t.emit_us - this.#ledUs < SILENT_HOPS * this.#hopUs) return null;
    const last = this.#sources.flatMap((source) => this.#last.get(source) ?? []);
    const newestUs = Math.max(...last.map(({ t }) => t.end_us));
    const present = last.filter(({ t }) => newestUs - t.end_us <= this.#toleranceUs);
    const answers = present.filter((candidate): candidate is Answer => candidate.data.state === 'ok');
    const grounds = answers.length > 0 ? answers : present;
    return {
      stream: 'prediction',
      t: {
        start_us: Math.min(...grounds.map(({ t }) => t.start_us)),
        end_us: Math.max(...grounds.map(({ t }) => t.end_us)),
        emit_us: event.t.emit_us,
        clock_err_us: Math.max(...grounds.map(({ t }) => t.clock_err_us)),
      },
      quality: together(grounds.map(({ quality }) => quality)),
      source: 'fusion',
      fused: answers.map(({ source }) => source as Modality),
      profile: null,
      simulated: present.some(({ simulated }) => simulated),
      data: answers.length > 0 ? this.#verdict(answers) : silence(present),
    };
  }

  #verdict(answers: readonly Answer[]): Verdict {
    const weights = answers.map(({ quality }) => quality.score);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const probs = this.#labels.map(
      (_, label) => answers.reduce((sum, { data }, a) => sum + weights[a]! * data.probs[label]!, 0) / total,
    );
    return { state: 'ok', reasons: [], label: this.#labels[probs.indexOf(Math.max(...probs))]!, probs };
  }
}

function checkTogether(a: Pick<ModelDescription, 'id' | 'labels' | 'modality'>, b: typeof a): void {
  const listed = ({ labels }: typeof a) => labels.join(', ');
  if (listed(a) !== listed(b)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `models ${a.id} (${listed(a)}) and ${b.id} (${listed(b)}) tell different classes apart, or list them in another ` +
        "order, so they can't be fused: choose two with the same list of classes",
    );
  }
  if (a.modality === b.modality) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `models ${a.id} and ${b.id} are both of modality "${a.modality}": one of each can be served together`,
    );
  }
}

/** Nobody has an answer: still warming up, if that is all there is to say. */
function silence(present: readonly PredictionEvent[]): Verdict {
  const reasons = [...new Set(present.flatMap(({ data }) => data.reasons))];
  const state = reasons.length > 0 ? 'abstain' : 'warmup';
  return { state, reasons, label: null, probs: null };
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
