import type { Source, StreamEvent, StreamName } from '../api/events.ts';

type Times = Pick<StreamEvent['t'], 'end_us' | 'mono_us'>;

/**
 * Keeps the events of each stream and source in order of `t.end_us`. A device's restart, a new fit of its clock or another
 * set of fused sources can put an event before the previous one; it then ends where that one ended.
 */
export class EventOrder {
  readonly #last = new Map<StreamName, Map<Source | null, Times>>();

  follow(event: StreamEvent): StreamEvent {
    let lasts = this.#last.get(event.stream);
    if (lasts === undefined) {
      lasts = new Map();
      this.#last.set(event.stream, lasts);
    }
    const last = lasts.get(event.source);
    if (last === undefined || event.t.end_us >= last.end_us) {
      lasts.set(event.source, event.t);
      return event;
    }
    return { ...event, t: { ...event.t, end_us: last.end_us, mono_us: last.mono_us } };
  }
}
