import {
  catchError,
  concat,
  concatMap,
  defer,
  ignoreElements,
  interval,
  map,
  merge,
  of,
  repeat,
  throwError,
  timer,
} from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { messageOf } from '../../src/errors.ts';
import type { DeviceEvent } from '../../src/samples.ts';
import type { Device } from '../device.ts';
import { systemBinding } from './binding.ts';
import { connection } from './connection.ts';
import { type PortOpener, portOpener } from './port.ts';
import type { SerialProtocol } from './protocol.ts';

export interface SerialDeviceOptions {
  readonly protocol: SerialProtocol;
  readonly path: string;
  /** The protocol's default where absent. */
  readonly baud?: number;
  readonly clock: Clock;
  readonly openPort?: PortOpener;
  /** No sample for so long breaks the connection. */
  readonly silentMs?: number;
  /** The wait before a reconnection doubles from `firstMs` to `maxMs`, and starts over once samples flow. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
}

const COUNTS_MS = 1000;

/**
 * A device on a serial port. Until its first sample every failure is final (PORT_NOT_FOUND, PORT_BUSY,
 * PORT_NO_PERMISSION, PORT_FAILED, DEVICE_SILENT, DEVICE_WRONG, BAUD_TOO_LOW); from then on every failure is a `lost`
 * status and a retry, because a cable that was pulled and put back shows all of them for a moment.
 */
export function serialDevice(options: SerialDeviceOptions): Device {
  const {
    protocol,
    path,
    clock,
    baud = protocol.defaultBaud,
    openPort = portOpener(systemBinding),
    silentMs = 5000,
    backoff = { firstMs: 250, maxMs: 10_000 },
  } = options;

  /** The port is exclusive: an opening waits until the one before has let go. */
  let free: Promise<void> = Promise.resolve();
  const connect = (session: ReturnType<SerialProtocol['createSession']>) => {
    const before = free;
    const { promise, resolve } = withResolvers();
    free = promise;
    return connection(session, {
      path,
      clock,
      silentMs,
      open: () => before.then(() => openPort(path, baud)),
      released: resolve,
    });
  };

  const events$ = defer(() => {
    const session = protocol.createSession({ baud });
    let hasStreamed = false;
    let streaming = false;
    let failures = 0;
    let reconnects = 0;

    const counts = (): DeviceEvent => ({ type: 'counts', counts: { ...session.counts, reconnects } });
    const status = (state: 'connecting' | 'streaming', message: string): DeviceEvent => ({
      type: 'status',
      state,
      message,
    });

    const noteStart = (event: DeviceEvent): DeviceEvent[] => {
      if (event.type !== 'samples' || streaming) return [event];
      if (hasStreamed) reconnects++;
      streaming = hasStreamed = true;
      failures = 0;
      return [status('streaming', `samples come from ${path}`), event];
    };

    const lost = (error: unknown) => {
      if (!hasStreamed)
        return concat(
          of(counts()),
          throwError(() => error),
        );
      streaming = false;
      const retryInMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** failures++);
      const last = session.interrupted();
      const event: DeviceEvent = { type: 'status', state: 'lost', message: messageOf(error), retryInMs };
      return concat(of(...last, counts(), event), timer(retryInMs).pipe(ignoreElements()));
    };

    const attempts$ = defer(() =>
      concat(
        of(status('connecting', `opening ${path} at ${baud} baud`)),
        defer(() => connect(session)),
      ),
    ).pipe(concatMap(noteStart), catchError(lost), repeat());
    return merge(attempts$, interval(COUNTS_MS).pipe(map(counts)));
  });

  return { name: protocol.name, events$ };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
