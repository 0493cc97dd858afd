/** Waits for events of a server instead of sleeping. */
import { WebSocket } from 'ws';
import { type Client, type ClientEvent, connect, type NoticeMessage, type StreamName } from '../../src/client/index.ts';

/** Keeps all items. The returned function resolves with the first item that satisfies `wanted`, now or later. */
function memory<T>(listen: (remember: (item: T) => void) => unknown): (wanted: (item: T) => boolean) => Promise<T> {
  const items: T[] = [];
  const waiting = new Set<() => void>();
  listen((item) => {
    items.push(item);
    for (const check of waiting) check();
  });
  return (wanted) =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = items.find(wanted);
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
}

const STREAMS = ['prediction', 'features', 'quality', 'gaze', 'device', 'marker', 'raw'] as const;
type Finders = { [S in StreamName]: (wanted: (event: ClientEvent<S>) => boolean) => Promise<ClientEvent<S>> };

export interface Observer {
  readonly client: Client;
  /** The first event of a stream since connecting that satisfies `wanted`, now or later. */
  first<S extends StreamName>(stream: S, wanted?: (event: ClientEvent<S>) => boolean): Promise<ClientEvent<S>>;
  notice(name: NoticeMessage['name']): Promise<NoticeMessage>;
}

/** Subscribes to every stream and keeps all events. */
export function observe(url: string): Observer {
  const client = connect(url, { WebSocket });
  const finders = Object.fromEntries(
    STREAMS.map((stream) => [stream, memory((remember) => client.subscribe(stream, { policy: 'all' }, remember))]),
  ) as unknown as Finders;
  const notices = memory<NoticeMessage>((remember) => client.onNotice(remember));
  return {
    client,
    first: (stream, wanted = () => true) => finders[stream](wanted),
    notice: (name) => notices((notice) => notice.name === name),
  };
}
