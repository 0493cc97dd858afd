/** The banner that says what comes from a generator. It never goes away by itself. */
import type { ModelDescription } from '../api/events.ts';
import type { Modality } from '../samples.ts';
import { byId, setText } from './dom.ts';
import { SOURCE_NAMES } from './words.ts';

export class SimulatedBanner {
  readonly #banner = byId('simulated');
  readonly #modalities: readonly Modality[];
  readonly #models: readonly Modality[];
  /** Whether it is simulated, of every signal that was heard of. */
  readonly #signals = new Map<Modality, boolean>();

  constructor(models: readonly ModelDescription[], isSimulated: boolean) {
    this.#modalities = models.map(({ modality }) => modality);
    this.#models = models.filter(({ simulated }) => simulated).map(({ modality }) => modality);
    // With one source and a model of people, it can only be the signal.
    if (isSimulated && models.length === 1 && this.#models.length === 0) this.#signals.set(this.#modalities[0]!, true);
    this.#show(isSimulated);
  }

  /** What was simulated once stays in the banner, whatever the source does later. */
  signal(modality: Modality, isSimulated: boolean): void {
    const known = this.#signals.get(modality);
    if (known === true || known === isSimulated) return;
    this.#signals.set(modality, isSimulated);
    this.#show(isSimulated || !this.#banner.hidden);
  }

  #show(isSimulated: boolean): void {
    const signals = this.#words('signal', this.#whoseSignal(true));
    const parts = [signals, this.#words('model', this.#models)].filter((part) => part !== '');
    const isOne = parts.length < 2 && !parts[0]?.endsWith('s');
    const what = parts.length === 0 ? 'what is shown' : parts.join(' and ');
    // A source may be away since before the page was opened: its silence must not read as "not simulated".
    const unknown = this.#words('signal', this.#whoseSignal(undefined));
    const doubt = unknown === '' || parts.length === 0 ? '' : `; nothing came yet that would say it of the ${unknown}`;
    this.#banner.hidden = !isSimulated;
    setText(
      this.#banner,
      `SIMULATED: ${what} ${isOne ? 'comes' : 'come'} from a generator and ${isOne ? 'says' : 'say'} nothing about a person${doubt}`,
    );
  }

  #whoseSignal(isSimulated: boolean | undefined): readonly Modality[] {
    return this.#modalities.filter((modality) => this.#signals.get(modality) === isSimulated);
  }

  /** "signal" of the only source, "signals" of all, else whose. */
  #words(thing: string, whose: readonly Modality[]): string {
    if (whose.length === 0) return '';
    if (whose.length === this.#modalities.length) return whose.length === 1 ? thing : `${thing}s`;
    return `${whose.map((modality) => SOURCE_NAMES[modality]).join(' and ')} ${thing}`;
  }
}
