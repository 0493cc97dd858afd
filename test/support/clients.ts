/** Clients and servers for tests of the client. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, type ClientOptions, connect } from '../../src/client/index.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { FakeService, serverOptions } from './fake-service.ts';

/** Closed after the test, the last one first. */
export const open: { close(): unknown }[] = [];

/** All connections, in the order in which the clients made them. A test breaks one by its index. */
export const sockets: WebSocket[] = [];
class WatchedSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    sockets.push(this);
  }
}

/** Starts a server that is closed after the test. */
export async function serve(
  service = new FakeService(),
  config: Parameters<typeof serverOptions>[0] = {},
): Promise<RunningServer> {
  const server = await startServer(service, serverOptions(config));
  open.push(server);
  return server;
}

/** Connects a client that is closed after the test. */
export function client(url: string, options: ClientOptions = {}): Client {
  const made = connect(url, { WebSocket: WatchedSocket, minBackoffMs: 5, maxBackoffMs: 20, ...options });
  open.push(made);
  return made;
}

/** A handler that keeps its arguments; `reach` waits until it has been called `count` times. */
export function collector<T>() {
  const items: T[] = [];
  const handler = (item: T) => void items.push(item);
  const reach = (count: number) =>
    vi.waitFor(() => expect(items.length).toBeGreaterThanOrEqual(count), { interval: 5 });
  return { items, handler, reach };
}

/** Closes everything in `open` after each test of the calling file. To be called once at its top level. */
export function closeAfterEach(): void {
  beforeEach(() => {
    sockets.length = 0;
  });
  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close();
  });
}
