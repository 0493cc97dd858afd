/** Shows the features with the strongest influence on the latest decision, for its label or against it. */
import type { ModelDescription } from '../../../api/events.ts';
import type { ClientEvent } from '../../../client/index.ts';
import { create, createPanel, setText } from '../../dom.ts';
import type { EyeSetup } from '../../gaze/eye-setup.ts';
import { featureName } from '../../text.ts';

const SHOWN = 6;
/** The influence of a full bar is that of the strongest feature, but at least this. */
const MIN_SCALE = 0.05;

export class InfluencePanel {
  readonly element: HTMLElement;
  readonly #note: HTMLElement;
  /** The meanings of the left and right side. */
  readonly #sides = [create('span'), create('span')] as const;
  readonly #list = create('ol');
  readonly #features: ModelDescription['features'];
  #pupilNames: readonly string[] = ['left', 'right'];
  #row: ClientEvent<'features'> | null = null;
  #prediction: ClientEvent<'prediction'> | null = null;

  constructor(features: ModelDescription['features']) {
    this.#features = features;
    const sides = create('p', '', 'sides muted');
    sides.append(...this.#sides);
    const { element, note } = createPanel('influence', 'What moved the decision', sides, this.#list);
    this.element = element;
    this.#note = note;
    note.textContent = 'waiting for the first window';
  }

  setSetup({ pupilNames }: EyeSetup): void {
    if (pupilNames.length === 2) this.#pupilNames = pupilNames;
  }

  row(event: ClientEvent<'features'>): void {
    this.#row = event;
    this.#show();
  }

  prediction(event: ClientEvent<'prediction'>): void {
    this.#prediction = event;
    if (event.data.state === 'ok') this.#show();
    else this.#clear();
  }

  #clear(): void {
    setText(this.#note, 'no verdict, nothing to explain');
    for (const side of this.#sides) setText(side, '');
    this.#list.replaceChildren();
  }

  /** Shows features only with the prediction on the same window. */
  #show(): void {
    if (this.#row === null || this.#prediction?.t.end_us !== this.#row.t.end_us) return;
    const { values, influence } = this.#row.data;
    const { label } = this.#prediction.data;
    if (influence === null || label === null) return this.#clear();
    const order = influence.map((_, i) => i).sort((a, b) => Math.abs(influence[b]!) - Math.abs(influence[a]!));
    const strongest = order.slice(0, SHOWN);
    const scale = Math.max(MIN_SCALE, Math.abs(influence[strongest[0]!]!));
    setText(this.#note, `what each feature alone does to the probability of ${label}`);
    setText(this.#sides[0], `← against ${label}`);
    setText(this.#sides[1], `for ${label} →`);
    this.#list.replaceChildren(
      ...strongest.map((i) => this.#item(i, values[i]!, influence[i]!, Math.abs(influence[i]!) / scale)),
    );
  }

  #item(feature: number, value: number, influence: number, share: number): HTMLElement {
    const { name, unit } = this.#features[feature]!;
    const bar = create('span', '', 'bar');
    bar.dataset['side'] = influence < 0 ? 'against' : 'for';
    bar.style.setProperty('--share', share.toFixed(3));
    const effect = create('span', formatChange(influence), 'effect');
    const item = create('li');
    item.dataset['feature'] = name;
    item.append(
      create('span', featureName(name, this.#pupilNames), 'name'),
      create('span', format(value, unit), 'value'),
      effect,
      bar,
    );
    return item;
  }
}

/** Three decimals: if a label is nearly certain, a single feature changes its probability only slightly. */
function formatChange(influence: number): string {
  const digits = Math.abs(influence).toFixed(3);
  return digits === '0.000' ? digits : `${influence < 0 ? '−' : '+'}${digits}`;
}

/** Three significant digits, but whole milliseconds. */
function format(value: number, unit: string): string {
  const digits = unit === 'ms' ? value.toFixed(0) : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return `${digits} ${unit === 'deg' ? '°' : unit}`.replace(' °', '°').replace('-', '−');
}
