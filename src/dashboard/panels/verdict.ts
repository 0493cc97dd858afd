/** Shows the present decision of one source: label and probabilities, or why there is none. */

import type { Source } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import { classColour } from '../colours.ts';
import { create, createMeter, setText } from '../dom.ts';
import { badElectrodesText, reasonsText } from '../text.ts';

interface VerdictOptions {
  readonly source: Source;
  readonly labels: readonly string[];
  readonly hopMs: number;
  /** Number of electrodes of the model; 0 where it has none. */
  readonly electrodes: number;
  /** Screen readers announce only changes of the main verdict. */
  readonly isMain: boolean;
  /** Null for the only verdict. */
  readonly title: string | null;
}

/** After this many hops without a new window, a verdict is old. */
const OLD_HOPS = 2;

export class VerdictView {
  readonly element = create('div', '', 'verdict');
  /** Text below the label: which sources a fusion combines, or which electrodes are bad. */
  readonly summary = create('p', '', 'summary');
  readonly #source: Source;
  readonly #hopMs: number;
  readonly #electrodes: number;
  #aging: ReturnType<typeof setTimeout> | undefined;
  readonly #label = create('p', 'waiting for the first window', 'label');
  readonly #reasons = create('p', '', 'reasons muted');
  readonly #rows: readonly { meter: HTMLMeterElement; number: HTMLElement }[];

  constructor({ source, labels, hopMs, electrodes, isMain, title }: VerdictOptions) {
    this.#source = source;
    this.#hopMs = hopMs;
    this.#electrodes = electrodes;
    this.element.dataset['source'] = source;
    this.element.classList.toggle('main', isMain);
    if (isMain) this.#label.setAttribute('aria-live', 'polite');
    const bars = create('ul', '', 'bars');
    this.#rows = labels.map((label, i) => {
      const meter = createMeter(`probability of ${label}`);
      meter.style.setProperty('--bar', classColour(i));
      const name = create('span', label);
      name.style.color = classColour(i);
      const row = create('li');
      const number = create('output', '–');
      row.append(name, meter, number);
      bars.append(row);
      return { meter, number };
    });
    if (title !== null) this.element.append(create('h3', title));
    const head = create('div', '', 'head');
    head.append(this.#label, this.#reasons);
    this.element.append(head, this.summary, bars);
  }

  show({ data, quality }: ClientEvent<'prediction'>): void {
    const { state, label, probs } = data;
    this.#age();
    if (this.#source !== 'fusion') setText(this.summary, badElectrodesText(quality.bad_channels, this.#electrodes));
    this.#label.dataset['state'] = state;
    setText(this.#label, label ?? (state === 'warmup' ? 'warming up' : 'no verdict'));
    // The reasons of a fusion are those of its sources, which its summary has.
    setText(this.#reasons, this.#source === 'fusion' ? '' : reasonsText(data, this.#source));
    this.#rows.forEach(({ meter, number }, i) => {
      meter.value = probs?.[i] ?? 0;
      number.textContent = probs === null ? '–' : probs[i]!.toFixed(2);
    });
  }

  /** Shows the verdict as old unless another one follows. */
  #age(): void {
    clearTimeout(this.#aging);
    this.element.removeAttribute('data-old');
    this.#aging = setTimeout(() => this.element.setAttribute('data-old', ''), OLD_HOPS * this.#hopMs);
  }
}
