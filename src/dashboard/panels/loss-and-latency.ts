/** Shows lost samples, and the latency of predictions. */
import type { ClientEvent } from '../../client/index.ts';
import { create, createPanel, setText } from '../dom.ts';

/** In this order, whichever event comes first. */
const ROWS = [
  'window coverage',
  'samples lost in the window',
  'end of window to prediction',
  'prediction to this page',
  "device clock's uncertainty",
  'predictions missed by this page',
  'samples received',
  'samples lost',
  'of these interpolated',
  'bytes discarded',
  'reconnections',
] as const;
type Row = (typeof ROWS)[number];

export class LossAndLatency {
  readonly element: HTMLElement;
  readonly #values: ReadonlyMap<Row, HTMLElement>;

  constructor() {
    const list = create('dl');
    this.#values = new Map(ROWS.map((name) => [name, create('dd', '–')]));
    for (const [name, value] of this.#values) list.append(create('dt', name), value);
    this.element = createPanel('loss', 'Loss and latency', list).element;
  }

  window({ t, quality, dropped, data }: ClientEvent<'prediction'>): void {
    // While the device is disconnected there is no window and no device clock.
    const known = (text: string): string => (data.reasons.includes('stale') ? '–' : text);
    this.#set('window coverage', known(`${(quality.coverage * 100).toFixed(0)} %`));
    this.#set('samples lost in the window', known(String(quality.lost)));
    this.#set('end of window to prediction', known(`${((t.emit_us - t.end_us) / 1000).toFixed(1)} ms`));
    this.#set('prediction to this page', `${(Date.now() - t.emit_us / 1000).toFixed(0)} ms`);
    this.#set("device clock's uncertainty", known(`± ${(t.clock_err_us / 1000).toFixed(2)} ms`));
    this.#set('predictions missed by this page', String(dropped));
  }

  device({ data }: ClientEvent<'device'>): void {
    this.#set('samples received', data.samples_received.toLocaleString());
    this.#set('samples lost', data.samples_lost.toLocaleString());
    this.#set('of these interpolated', data.samples_interpolated.toLocaleString());
    this.#set('bytes discarded', data.bytes_discarded.toLocaleString());
    this.#set('reconnections', String(data.reconnects));
  }

  #set(name: Row, value: string): void {
    setText(this.#values.get(name)!, value);
  }
}
