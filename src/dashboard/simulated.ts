/** The banner that says what comes from a generator. It never goes away by itself. */
import type { ModelDescription } from '../events.ts';
import type { Modality } from '../samples.ts';
import { byId, setText } from './dom.ts';
import { SOURCE_NAMES } from './words.ts';

export class SimulatedBanner {
  readonly #banner = byId('simulated');
  readonly #modalities: readonly Modality[];
  readonly #models: readonly Modality[];
  readonly #signals = new Set<Modality>();

  constructor(models: readonly ModelDescription[], isSimulated: boolean) {
    this.#modalities = models.map(({ modality }) => modality);
    this.#models = models.filter(({ simulated }) => simulated).map(({ modality }) => modality);
    // With one source and a model of people, it can only be the signal.
    if (isSimulated && models.length === 1 && this.#models.length === 0) this.#signals.add(this.#modalities[0]!);
    this.#show(isSimulated);
  }

  signal(modality: Modality): void {
    if (this.#signals.has(modality)) return;
    this.#signals.add(modality);
    this.#show(true);
  }

  #show(isSimulated: boolean): void {
    const parts = [
      this.#words(
        'signal',
        this.#modalities.filter((modality) => this.#signals.has(modality)),
      ),
      this.#words('model', this.#models),
    ].filter((part) => part !== '');
    const isOne = parts.length < 2 && !parts[0]?.endsWith('s');
    const what = parts.length === 0 ? 'what is shown' : parts.join(' and ');
    this.#banner.hidden = !isSimulated;
    setText(
      this.#banner,
      `SIMULATED: ${what} ${isOne ? 'comes' : 'come'} from a generator and ${isOne ? 'says' : 'say'} nothing about a person`,
    );
  }

  /** "signal" of the only source, "signals" of all, else whose. */
  #words(thing: string, whose: readonly Modality[]): string {
    if (whose.length === 0) return '';
    if (whose.length === this.#modalities.length) return whose.length === 1 ? thing : `${thing}s`;
    return `${whose.map((modality) => SOURCE_NAMES[modality]).join(' and ')} ${thing}`;
  }
}
