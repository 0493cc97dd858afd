/** The banner that says which signals and models are simulated. Once shown, it stays. */
import type { ModelDescription } from '../api/events.ts';
import type { Modality } from '../samples.ts';
import { byId, setText } from './dom.ts';
import { SOURCE_NAMES } from './text.ts';

export class SimulatedBanner {
  readonly #banner = byId('simulated');
  readonly #modalities: readonly Modality[];
  readonly #models: readonly Modality[];
  /** Whether the signal of each modality is simulated, as far as it is known. */
  readonly #signals = new Map<Modality, boolean>();

  constructor(models: readonly ModelDescription[], isSimulated: boolean) {
    this.#modalities = models.map(({ modality }) => modality);
    this.#models = models.filter(({ simulated }) => simulated).map(({ modality }) => modality);
    // With one source whose model is not simulated, only its signal can be.
    if (isSimulated && models.length === 1 && this.#models.length === 0) this.#signals.set(this.#modalities[0]!, true);
    this.#show(isSimulated);
  }

  /** A signal that was simulated once stays in the banner. */
  signal(modality: Modality, isSimulated: boolean): void {
    const known = this.#signals.get(modality);
    if (known === true || known === isSimulated) return;
    this.#signals.set(modality, isSimulated);
    this.#show(isSimulated || !this.#banner.hidden);
  }

  #show(isSimulated: boolean): void {
    const signals = this.#describe('signal', this.#modalitiesWith(true));
    const parts = [signals, this.#describe('model', this.#models)].filter((part) => part !== '');
    const isOne = parts.length < 2 && !parts[0]?.endsWith('s');
    const what = parts.length === 0 ? 'what is shown' : parts.join(' and ');
    // A device that has sent nothing yet must not appear to be not simulated.
    const unknown = this.#describe('signal', this.#modalitiesWith(undefined));
    const rest =
      unknown === '' || parts.length === 0 ? '' : `; it is not known yet whether the ${unknown} is simulated`;
    this.#banner.hidden = !isSimulated;
    setText(
      this.#banner,
      `SIMULATED: ${what} ${isOne ? 'comes' : 'come'} from a generator and ${isOne ? 'says' : 'say'} nothing about a person${rest}`,
    );
  }

  #modalitiesWith(isSimulated: boolean | undefined): readonly Modality[] {
    return this.#modalities.filter((modality) => this.#signals.get(modality) === isSimulated);
  }

  /** "signal" for the only source, "signals" for all sources, otherwise for example "EEG signal". */
  #describe(noun: string, modalities: readonly Modality[]): string {
    if (modalities.length === 0) return '';
    if (modalities.length === this.#modalities.length) return modalities.length === 1 ? noun : `${noun}s`;
    return `${modalities.map((modality) => SOURCE_NAMES[modality]).join(' and ')} ${noun}`;
  }
}
