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
import { connection } from './connection.ts';
import type { ProtocolDriver } from './driver.ts';
import type { LinkOpener } from './link.ts';

/** When a link counts as broken, and when it is opened again. */
export interface LinkTimeouts {
  /** The connection counts as broken after this time without a sample. */
  readonly silentMs?: number;
  /** The wait before a reconnection doubles from `firstMs` to `maxMs`, and starts over once samples arrive. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
}

export interface LinkDeviceOptions extends LinkTimeouts {
  readonly name: string;
  /** The link's name in messages: a port's path, `host:port`. */
  readonly address: string;
  /** The message of the status `connecting`. */
  readonly connecting: string;
  readonly clock: Clock;
  readonly open: LinkOpener;
  readonly createDriver: () => ProtocolDriver;
}

const COUNTS_MS = 1000;

/**
 * A device at the other end of a link. Before the first sample every failure is final. After it every failure gives a
 * `lost` status and a retry, because a cable that is pulled and put back can cause any of them for a moment.
 */
export function linkDevice(options: LinkDeviceOptions): Device {
  const { name, address, connecting, clock, open, createDriver } = options;
  const { silentMs = 5000, backoff = { firstMs: 250, maxMs: 10_000 } } = options;

  /** Resolves when the previous connection has closed the link, which may be exclusive as a serial port is. */
  let free: Promise<void> = Promise.resolve();
  const connect = (driver: ProtocolDriver) => {
    const before = free;
    const { promise, resolve } = withResolvers();
    free = promise;
    return connection(driver, {
      address,
      clock,
      silentMs,
      open: (signal) => before.then(() => open(signal)),
      released: resolve,
    });
  };

  const events$ = defer(() => {
    const driver = createDriver();
    let hasStreamed = false;
    let streaming = false;
    let failures = 0;
    let reconnects = 0;
    let awayUs = 0;
    /** When the device was lost; null while it is connected. */
    let lostUs: number | null = null;
    /** Samples that the device would have sent while it was away. */
    let samplesAway = 0;

    const counts = (): DeviceEvent => {
      const { samplesLost, ...others } = driver.counts;
      const nowAwayUs = awayUs + (lostUs === null ? 0 : clock.monoUs() - lostUs);
      const awayMs = Math.round(nowAwayUs / 1000);
      return { type: 'counts', counts: { ...others, samplesLost: samplesLost - samplesAway, reconnects, awayMs } };
    };
    const status = (state: 'connecting' | 'streaming', message: string): DeviceEvent => ({
      type: 'status',
      state,
      message,
    });

    const noteStart = (event: DeviceEvent): DeviceEvent[] => {
      if (event.type !== 'samples' || streaming) return [event];
      if (hasStreamed) {
        reconnects++;
        samplesAway += event.block.lostBefore;
        awayUs += clock.monoUs() - (lostUs ?? clock.monoUs());
        lostUs = null;
      }
      streaming = hasStreamed = true;
      failures = 0;
      return [status('streaming', `samples come from ${address}`), event];
    };

    const lost = (error: unknown) => {
      if (!hasStreamed)
        return concat(
          of(counts()),
          throwError(() => error),
        );
      streaming = false;
      lostUs ??= clock.monoUs();
      const retryInMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** failures++);
      const last = driver.interrupted();
      const event: DeviceEvent = { type: 'status', state: 'lost', message: messageOf(error), retryInMs };
      return concat(of(...last, counts(), event), timer(retryInMs).pipe(ignoreElements()));
    };

    const attempts$ = defer(() =>
      concat(
        of(status('connecting', connecting)),
        defer(() => connect(driver)),
      ),
    ).pipe(concatMap(noteStart), catchError(lost), repeat());
    return merge(attempts$, interval(COUNTS_MS).pipe(map(counts)));
  });

  return { name, events$ };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
