import { afterEach } from 'vitest';
import { SUBPROTOCOL } from '../../src/api/protocol.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { FakeService, serverOptions } from './fake-service.ts';
import { TestClient } from './test-client.ts';

const open: (RunningServer | TestClient)[] = [];

/** Closes servers and clients after each test of the calling file. To be called once at its top level. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await (thing instanceof TestClient ? thing.end() : thing.close());
  });
}

/** A client that is closed after the test. */
export function openClient(...args: ConstructorParameters<typeof TestClient>): TestClient {
  const client = new TestClient(...args);
  open.push(client);
  return client;
}

/** A server of a fake service; `connect` opens clients that have received `hello`. Both are closed after the test. */
export async function startFake(config: Parameters<typeof serverOptions>[0] = {}) {
  const service = new FakeService();
  const server = await startServer(service, serverOptions(config));
  open.push(server);
  const connect = async () => {
    const client = openClient(server.wsUrl, { protocols: [SUBPROTOCOL] });
    const hello = await client.next();
    return Object.assign(client, { hello });
  };
  return { service, server, connect };
}
