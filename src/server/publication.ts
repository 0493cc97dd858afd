import type { RawEvent, Source, StreamEvent, StreamName } from '../api/events.ts';
import { addressFrame } from './raw-frames.ts';

type JsonEvent = Exclude<StreamEvent, RawEvent>;

/** An event to publish. It is encoded once; the fields that differ between subscribers are put in front. */
export interface Publication {
  readonly stream: StreamName;
  /** Null: the events of all sources are numbered together (markers). */
  readonly source: Source | null;
  readonly seq: number;
  readonly binary: boolean;
  encode(sub: number, dropped: number): Uint8Array;
}

export function sourceOf(event: JsonEvent): Source | null {
  return event.stream === 'marker' ? null : event.source;
}

export function publishJson(event: JsonEvent, seq: number): Publication {
  let body: Buffer | null = null;
  return {
    stream: event.stream,
    source: sourceOf(event),
    seq,
    binary: false,
    encode(sub, dropped) {
      body ??= Buffer.from(JSON.stringify(event).slice(1)); // without its opening brace
      const head = `{"type":"event","sub":${sub},"seq":${seq},"dropped":${dropped},`;
      const message = Buffer.allocUnsafe(head.length + body.length);
      message.write(head, 'latin1');
      body.copy(message, head.length);
      return message;
    },
  };
}

export function publishFrame(frame: Uint8Array, source: Source, seq: number): Publication {
  return { stream: 'raw', source, seq, binary: true, encode: (sub, dropped) => addressFrame(frame, sub, seq, dropped) };
}
