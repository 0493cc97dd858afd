/** The present decision: label, probabilities, or why there is none. */
import type { ClientEvent } from '../client/index.ts';
import { classColour } from './colours.ts';
import { byId, create } from './dom.ts';

const WORDS: Record<string, string> = {
  gap: 'samples are missing',
  bad_channels: 'too many bad electrodes',
  not_worn: 'not worn',
  out_of_distribution: 'unlike anything the model has seen',
  stale: 'no signal from the device',
};

export class Verdict {
  readonly #label = byId('label');
  readonly #reasons = byId('reasons');
  readonly #meters: HTMLMeterElement[];
  readonly #numbers: HTMLElement[];

  constructor(labels: readonly string[]) {
    const rows = labels.map((label, i) => {
      const meter = create('meter');
      meter.max = 1;
      meter.setAttribute('aria-label', `probability of ${label}`);
      const name = create('span', label);
      name.style.color = classColour(i);
      const row = create('li');
      const number = create('output');
      row.append(name, meter, number);
      return { row, meter, number };
    });
    byId('bars').replaceChildren(...rows.map(({ row }) => row));
    this.#meters = rows.map(({ meter }) => meter);
    this.#numbers = rows.map(({ number }) => number);
  }

  show({ data }: ClientEvent<'prediction'>): void {
    const { state, reasons, label, probs } = data;
    this.#label.dataset['state'] = state;
    this.#label.textContent = label ?? (state === 'warmup' ? 'warming up' : 'no verdict');
    this.#reasons.textContent =
      state === 'warmup' ? 'the filters are settling' : reasons.map((reason) => WORDS[reason] ?? reason).join(', ');
    this.#meters.forEach((meter, i) => {
      meter.value = probs?.[i] ?? 0;
      this.#numbers[i]!.textContent = probs === null ? '–' : probs[i]!.toFixed(2);
    });
  }
}
