/** Shows each electrode as a button, good or bad. Below are the faults of the bad ones and the details of the chosen one. */
import type { QualityEvent } from '../../api/events.ts';
import type { ClientEvent } from '../../client/index.ts';
import type { BadChannelReason } from '../../preprocess/feature-window.ts';
import { create, createPanel, setText } from '../dom.ts';

type Electrode = QualityEvent['data']['electrodes'][number];

const REASONS: Readonly<Record<BadChannelReason, string>> = {
  flat: 'flat: no contact, or shorted',
  railed: 'railed: the amplifier clips',
  line_noise: 'line noise: poor contact',
  outlier: 'far from the others',
  missing: 'no samples',
};

export class ElectrodesPanel {
  readonly element: HTMLElement;
  readonly #list = create('ol', '', 'chips');
  readonly #bad = create('ul', '', 'bad-electrodes muted');
  readonly #detail = create('p', 'Choose an electrode for its signal.', 'detail muted');
  readonly #score: HTMLElement;
  readonly #chips = new Map<string, HTMLButtonElement>();
  #electrodes: readonly Electrode[] = [];
  #chosen: string | undefined;

  constructor() {
    this.#detail.setAttribute('role', 'status');
    const { element, note } = createPanel('electrodes', 'Electrodes', this.#list, this.#bad, this.#detail);
    this.element = element;
    this.#score = note;
  }

  show({ data, quality }: ClientEvent<'quality'>): void {
    this.#score.textContent = `score ${quality.score.toFixed(2)}`;
    this.#electrodes = data.electrodes;
    for (const electrode of data.electrodes) this.#update(electrode);
    const bad = data.electrodes.flatMap(({ label, bad }) => (bad === null ? [] : [`${label}: ${REASONS[bad] ?? bad}`]));
    if (bad.join() !== [...this.#bad.children].map(({ textContent }) => textContent).join()) {
      this.#bad.replaceChildren(...bad.map((text) => create('li', text)));
    }
    this.#showDetail();
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

  /** Changes the button in place, so that it keeps the focus. */
  #update({ label, bad }: Electrode): void {
    let chip = this.#chips.get(label);
    if (chip === undefined) {
      chip = create('button', label);
      chip.type = 'button';
      chip.addEventListener('click', () => {
        this.#chosen = label;
        this.#showDetail();
      });
      this.#chips.set(label, chip);
      const item = create('li');
      item.append(chip);
      this.#list.append(item);
    }
    chip.setAttribute('aria-label', `${label}, ${bad === null ? 'good' : 'bad'}`);
    if (bad === null) delete chip.dataset['bad'];
    else chip.dataset['bad'] = bad;
  }

  #showDetail(): void {
    const electrode = this.#electrodes.find(({ label }) => label === this.#chosen);
    if (electrode !== undefined) setText(this.#detail, detailOf(electrode));
  }
}

/** Leaves out the strength of the filtered signal where the raw signal is railed, flat or missing. */
function detailOf({ label, bad, interpolated, rms_uv }: Electrode): string {
  const isSignal = bad === null || bad === 'line_noise' || bad === 'outlier';
  const parts = [
    ...(bad === null ? [] : [REASONS[bad] ?? bad]),
    ...(isSignal ? [`${rms_uv.toFixed(1)} µV rms`] : []),
    ...(interpolated ? ['interpolated from the others'] : []),
  ];
  return `${label}: ${parts.join(', ')}`;
}
