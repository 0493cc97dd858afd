/** Shows each electrode as a chip: good, or bad and why. */
import type { ClientEvent } from '../../client/index.ts';
import { create, createPanel } from '../dom.ts';

const REASONS: Record<string, string> = {
  flat: 'flat: no contact, or shorted',
  railed: 'railed: the amplifier clips',
  line_noise: 'line noise: poor contact',
  outlier: 'far from the others',
  missing: 'no samples',
};

export class ElectrodesPanel {
  readonly element: HTMLElement;
  readonly #list = create('ol', '', 'chips');
  readonly #score: HTMLElement;

  constructor() {
    const { element, note } = createPanel('electrodes', 'Electrodes', this.#list);
    this.element = element;
    this.#score = note;
  }

  show({ data, quality }: ClientEvent<'quality'>): void {
    this.#score.textContent = `score ${quality.score.toFixed(2)}`;
    const chips = data.electrodes.map(({ label, bad, interpolated, rms_uv }) => {
      const chip = create('li', label);
      chip.title = `${label}: ${rms_uv.toFixed(1)} µV rms${bad ? `, ${REASONS[bad] ?? bad}` : ''}${interpolated ? ' (interpolated)' : ''}`;
      if (bad !== null) chip.dataset['bad'] = bad;
      return chip;
    });
    this.#list.replaceChildren(...chips);
    delete this.#list.dataset['state'];
  }

  /** While the device is disconnected there are no windows, so predictions show that the electrodes are unknown. */
  prediction({ data }: ClientEvent<'prediction'>): void {
    if (!data.reasons.includes('stale')) return;
    this.#list.dataset['state'] = 'stale';
    const isKnown = this.#list.children.length > 0;
    this.#score.textContent = isKnown
      ? 'as they were before the signal was lost'
      : 'not known: no signal from the device';
  }
}
