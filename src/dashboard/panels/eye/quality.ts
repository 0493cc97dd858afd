/** Shows for how much of the last window the eye tracker saw gaze and pupils. */
import type { ClientEvent } from '../../../client/index.ts';
import { create, createMeter, createPanel } from '../../dom.ts';
import type { EyeSetup } from '../../gaze/eye-setup.ts';

export class EyeQualityPanel {
  readonly element: HTMLElement;
  readonly #note: HTMLElement;
  readonly #worn = create('p', 'waiting for the first window', 'pill worn');
  /** One row for the gaze and up to two for the pupils. */
  readonly #rows = [0, 1, 2].map(() => {
    const row = create('li');
    const parts = { row, name: create('span'), meter: createMeter(''), output: create('output', '–') };
    row.append(parts.name, parts.meter, parts.output);
    return parts;
  });

  constructor() {
    const bars = create('ul', '', 'bars');
    bars.append(...this.#rows.map(({ row }) => row));
    const { element, note } = createPanel('eye-quality', 'Eyes', this.#worn, bars);
    this.element = element;
    this.#note = note;
    this.#setNames(['gaze seen', 'left pupil seen', 'right pupil seen']);
  }

  setSetup({ pupilNames }: EyeSetup): void {
    this.#setNames(['gaze seen', ...pupilNames.map((name) => `${name === 'pupil' ? '' : `${name} `}pupil seen`)]);
  }

  show({ data, quality }: ClientEvent<'quality'>): void {
    if (data.eyes === null) return;
    const { worn, pupils } = data.eyes;
    this.#worn.dataset['state'] = worn ? 'good' : 'bad';
    this.#worn.textContent = worn ? 'eyes in view' : 'no eyes in view';
    this.#note.textContent = `score ${quality.score.toFixed(2)}`;
    [quality.coverage, ...pupils].forEach((share, i) => {
      const { meter, output } = this.#rows[i]!;
      meter.value = share;
      output.textContent = `${(share * 100).toFixed(0)} %`;
    });
  }

  /** While the tracker is disconnected there are no windows, so predictions show that the eyes are unknown. */
  prediction({ data }: ClientEvent<'prediction'>): void {
    if (!data.reasons.includes('stale')) return;
    delete this.#worn.dataset['state'];
    this.#worn.textContent = 'the eye tracker is disconnected';
    this.#note.textContent = '';
    for (const { meter, output } of this.#rows) {
      meter.value = 0;
      output.textContent = '–';
    }
  }

  #setNames(names: readonly string[]): void {
    this.#rows.forEach(({ row, name, meter }, i) => {
      row.hidden = names[i] === undefined;
      name.textContent = names[i] ?? '';
      meter.setAttribute('aria-label', `${names[i]}, share of the window`);
    });
  }
}
