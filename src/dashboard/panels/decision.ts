/** What is decided: by the only source, or by the fusion, with what each of its sources says by itself. */

import type { Source, Verdict as VerdictData } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import type { Modality } from '../../samples.ts';
import { create, createPanel, setText } from '../dom.ts';
import { SOURCE_NAMES, standingOf } from '../words.ts';
import { Verdict } from './verdict.ts';

/** Markers of the form `state:positive` are the simulator's own truth. */
const TRUTH = /^state:(.+)$/;

export class Decision {
  readonly element: HTMLElement;
  readonly #modalities: readonly Modality[];
  readonly #verdicts = new Map<Source, Verdict>();
  readonly #latest = new Map<Modality, VerdictData>();
  readonly #truth = create('p', '', 'truth muted');
  #fused: readonly Modality[] | null = null;

  /** The first of `sources` is the one that counts. */
  constructor(sources: readonly Source[], labels: readonly string[]) {
    this.#modalities = sources.filter((source) => source !== 'fusion');
    const row = create('div', '', 'verdicts');
    for (const source of sources) {
      const title = sources.length === 1 ? null : source === 'fusion' ? 'together' : `${SOURCE_NAMES[source]} alone`;
      const verdict = new Verdict(source, labels, source === sources[0], title);
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
    const words = standingOf(this.#fused, this.#modalities, this.#latest);
    setText(this.#verdicts.get('fusion')!.standing, words);
  }

  marker({ data }: ClientEvent<'marker'>): void {
    const truth = TRUTH.exec(data.label)?.[1];
    setText(this.#truth, truth === undefined ? `marker: ${data.label}` : `the simulator's own state: ${truth}`);
  }
}
