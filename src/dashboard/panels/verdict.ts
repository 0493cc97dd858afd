/** The present decision of one source: label, probabilities, or why there is none. */

import type { Source } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import { classColour } from '../colours.ts';
import { create, createMeter, setText } from '../dom.ts';
import { doubtsOf } from '../words.ts';

export class Verdict {
  readonly element = create('div', '', 'verdict');
  /** Words below the label: what a fusion stands on. */
  readonly standing = create('p', '', 'standing');
  readonly #source: Source;
  readonly #label = create('p', 'waiting for the first window', 'label');
  readonly #reasons = create('p', '', 'reasons muted');
  readonly #rows: readonly { meter: HTMLMeterElement; number: HTMLElement }[];

  /** `title` where there is more than one. Only an `isMain` verdict is read out when it changes. */
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
    this.element.append(head, this.standing, bars);
  }

  show({ data }: ClientEvent<'prediction'>): void {
    const { state, label, probs } = data;
    this.#label.dataset['state'] = state;
    setText(this.#label, label ?? (state === 'warmup' ? 'warming up' : 'no verdict'));
    // Those of a fusion are its sources', and stand in what it stands on.
    setText(this.#reasons, this.#source === 'fusion' ? '' : doubtsOf(data, this.#source));
    this.#rows.forEach(({ meter, number }, i) => {
      meter.value = probs?.[i] ?? 0;
      number.textContent = probs === null ? '–' : probs[i]!.toFixed(2);
    });
  }
}
