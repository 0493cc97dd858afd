/** Shows the present decision of one source: label and probabilities, or why there is none. */

import type { Source } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import { classColour } from '../colours.ts';
import { create, createMeter, setText } from '../dom.ts';
import { reasonsText } from '../text.ts';

export class VerdictView {
  readonly element = create('div', '', 'verdict');
  /** Text below the label: which sources a fusion combines. */
  readonly summary = create('p', '', 'summary');
  readonly #source: Source;
  readonly #label = create('p', 'waiting for the first window', 'label');
  readonly #reasons = create('p', '', 'reasons muted');
  readonly #rows: readonly { meter: HTMLMeterElement; number: HTMLElement }[];

  /** `title` is null for the only verdict. Screen readers announce only changes of the main verdict. */
  constructor(source: Source, labels: readonly string[], isMain: boolean, title: string | null) {
    this.#source = source;
    this.element.dataset['source'] = source;
    this.element.classList.toggle('main', isMain);
    if (isMain) this.#label.setAttribute('aria-live', 'polite');
    const bars = create('ul', '', 'bars');
    this.#rows = labels.map((label, i) => {
      const meter = createMeter(`probability of ${label}`);
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

  show({ data }: ClientEvent<'prediction'>): void {
    const { state, label, probs } = data;
    this.#label.dataset['state'] = state;
    setText(this.#label, label ?? (state === 'warmup' ? 'warming up' : 'no verdict'));
    // The reasons of a fusion are those of its sources, which its summary has.
    setText(this.#reasons, this.#source === 'fusion' ? '' : reasonsText(data, this.#source));
    this.#rows.forEach(({ meter, number }, i) => {
      meter.value = probs?.[i] ?? 0;
      number.textContent = probs === null ? '–' : probs[i]!.toFixed(2);
    });
  }
}
