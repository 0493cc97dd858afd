/** What was lost, how late the word is, and what happened on the way. */
import type { ClientEvent, NoticeMessage } from '../client/index.ts';
import { byId, create } from './dom.ts';

const KEEP_NOTICES = 5;

export class Account {
  readonly #list = byId('account');
  readonly #notices = byId('notices');
  readonly #values = new Map<string, string>();

  window({ t, quality, dropped }: ClientEvent<'prediction'>): void {
    this.#set('window coverage', `${(quality.coverage * 100).toFixed(0)} %`);
    this.#set('samples lost in the window', String(quality.lost));
    this.#set('end of window to prediction', `${((t.emit_us - t.end_us) / 1000).toFixed(1)} ms`);
    this.#set('prediction to this page', `${(Date.now() - t.emit_us / 1000).toFixed(0)} ms`);
    this.#set("device clock's uncertainty", `± ${(t.clock_err_us / 1000).toFixed(2)} ms`);
    this.#set('predictions missed by this page', String(dropped));
  }

  device({ data }: ClientEvent<'device'>): void {
    this.#set('samples received', data.samples_received.toLocaleString());
    this.#set('samples lost', data.samples_lost.toLocaleString());
    this.#set('of these interpolated', data.samples_interpolated.toLocaleString());
    this.#set('bytes discarded', data.bytes_discarded.toLocaleString());
    this.#set('reconnections', String(data.reconnects));
  }

  notice({ message }: NoticeMessage): void {
    this.#notices.prepend(create('li', `${new Date().toLocaleTimeString()} ${message}`));
    while (this.#notices.children.length > KEEP_NOTICES) this.#notices.lastElementChild?.remove();
  }

  #set(name: string, value: string): void {
    const known = this.#values.has(name);
    this.#values.set(name, value);
    if (known) {
      const index = [...this.#values.keys()].indexOf(name);
      this.#list.querySelectorAll('dd')[index]!.textContent = value;
    } else {
      this.#list.append(create('dt', name), create('dd', value));
    }
  }
}
