/** Shows the decision of the only source, or of the fusion together with the decisions of its sources. */

import type { ModelDescription, Source, Verdict } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import type { Modality } from '../../samples.ts';
import { create, createPanel, setText } from '../dom.ts';
import { fusionText, SOURCE_NAMES } from '../text.ts';
import { VerdictView } from './verdict.ts';

/** The simulator marks its true state, for example `state:positive`. */
const TRUTH = /^state:(.+)$/;

export class DecisionPanel {
  readonly element: HTMLElement;
  readonly #modalities: readonly Modality[];
  readonly #verdicts = new Map<Source, VerdictView>();
  readonly #latest = new Map<Modality, Verdict>();
  readonly #truth = create('p', '', 'truth muted');
  #fused: readonly Modality[] | null = null;

  /** The first of `sources` is the main one. */
  constructor(sources: readonly Source[], models: readonly ModelDescription[]) {
    const { labels, hop_ms } = models[0]!;
    this.#modalities = sources.filter((source) => source !== 'fusion');
    const row = create('div', '', 'verdicts');
    for (const source of sources) {
      const title = sources.length === 1 ? null : source === 'fusion' ? 'together' : `${SOURCE_NAMES[source]} alone`;
      const model = models.find(({ modality }) => modality === source);
      const verdict = new VerdictView({
        source,
        labels,
        hopMs: model?.hop_ms ?? hop_ms,
        electrodes: model?.montage.length ?? 0,
        isMain: source === sources[0],
        title,
      });
      this.#verdicts.set(source, verdict);
      row.append(verdict.element);
    }
    this.element = createPanel('decision', 'Emotion', row, this.#truth).element;
  }

  show(event: ClientEvent<'prediction'>): void {
    this.#verdicts.get(event.source)?.show(event);
    if (event.source === 'fusion') this.#fused = event.fused ?? [];
    else this.#latest.set(event.source, event.data);
    if (this.#fused === null) return;
    const text = fusionText(this.#fused, this.#modalities, this.#latest);
    setText(this.#verdicts.get('fusion')!.summary, text);
  }

  marker({ data }: ClientEvent<'marker'>): void {
    const truth = TRUTH.exec(data.label)?.[1];
    setText(this.#truth, truth === undefined ? `marker: ${data.label}` : `true state of the simulator: ${truth}`);
  }
}
