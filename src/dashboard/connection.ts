/** The pill in the header: whether this page reaches the server, and whether the server gets signals from its devices. */
import type { ClientState } from '../client/index.ts';
import type { Modality } from '../samples.ts';
import { byId, setText } from './dom.ts';
import { connectionText } from './text.ts';

export class ConnectionPill {
  readonly #pill = byId('connection');
  readonly #silent = new Set<Modality>();
  #client: ClientState | undefined;

  client(state: ClientState): void {
    this.#client = state;
    this.#show();
  }

  signal(source: Modality, hasSignal: boolean): void {
    if (hasSignal) this.#silent.delete(source);
    else this.#silent.add(source);
    this.#show();
  }

  #show(): void {
    if (this.#client === undefined) return;
    this.#pill.dataset['state'] = this.#client.name === 'open' && this.#silent.size === 0 ? 'good' : 'bad';
    setText(this.#pill, connectionText(this.#client, [...this.#silent]));
  }
}
