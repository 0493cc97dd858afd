import { Observable } from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { AffectEdgeError, isAffectEdgeError } from '../../src/errors.ts';
import type { DeviceEvent } from '../../src/samples.ts';
import type { ProtocolDriver } from './driver.ts';
import type { Link, LinkOpener } from './link.ts';

export interface ConnectionOptions {
  /** The link's name in messages: a port's path, `host:port`. */
  readonly address: string;
  readonly clock: Clock;
  /** An error is reported after this time without a sample. */
  readonly silentMs: number;
  readonly open: LinkOpener;
  /** Called when the link is closed, or could not be opened. */
  readonly released: () => void;
}

const TICK_MS = 100;
/** The link is closed after this time even if the stop command has not left. */
const STOP_TIMEOUT_MS = 200;

/** Opens a link once and emits what `driver` decodes; a broken link is an error. */
export function connection(driver: ProtocolDriver, options: ConnectionOptions): Observable<DeviceEvent> {
  const { address, clock, silentMs } = options;
  return new Observable((subscriber) => {
    let link: Link | undefined;
    let timer: NodeJS.Timeout | undefined;
    /** Counted in ticks, so that a suspended or busy host does not look like a silent device. */
    let silentTicks = 0;

    /** Runs a step of the driver; an error ends the connection. */
    const step = (run: () => DeviceEvent[]): void => {
      try {
        for (const event of run()) {
          if (event.type === 'samples') silentTicks = 0;
          subscriber.next(event);
        }
        // The subscriber may have unsubscribed at an event: nothing may follow the stop command.
        if (!subscriber.closed) write(link, driver.takeWrites());
      } catch (error) {
        subscriber.error(
          isAffectEdgeError(error)
            ? new AffectEdgeError(error.code, `${address}: ${error.message}`, { cause: error })
            : error,
        );
      }
    };

    const silent = (): AffectEdgeError => {
      const { bytesReceived } = driver.counts;
      const reason = driver.silence ?? 'Is the device switched on, and is this its port?';
      return new AffectEdgeError(
        'DEVICE_SILENT',
        `no sample came from ${address} for ${silentMs / 1000} s (${bytesReceived} bytes so far). ${reason}`,
      );
    };

    const onOpen = (opened: Link): void => {
      link = opened;
      if (subscriber.closed) {
        close();
        return;
      }
      opened.listen({
        bytes: (bytes) => {
          if (!subscriber.closed) step(() => driver.push(bytes, clock.monoUs()));
        },
        broken: (reason, cause) =>
          subscriber.error(new AffectEdgeError('PORT_FAILED', `the link to ${address} broke: ${reason}`, { cause })),
      });
      if (subscriber.closed) return;
      timer = setInterval(() => {
        if (++silentTicks * TICK_MS > silentMs) subscriber.error(silent());
        else step(() => driver.tick(clock.monoUs()));
      }, TICK_MS);
      write(opened, driver.opened(clock.monoUs()));
    };

    const abort = new AbortController();
    const close = (): void => {
      clearInterval(timer);
      abort.abort();
      if (!link) return;
      const closing = link;
      let finished = false;
      const finish = (): void => {
        clearTimeout(timeout);
        if (finished) return;
        finished = true;
        closing.close(options.released);
      };
      const timeout = setTimeout(finish, STOP_TIMEOUT_MS);
      write(closing, driver.closing(), finish);
    };

    options.open(abort.signal).then(onOpen, (error: unknown) => {
      options.released();
      subscriber.error(error);
    });
    return close;
  });
}

function write(link: Link | undefined, parts: readonly Uint8Array[], done?: () => void): void {
  if (link && parts.length > 0) link.write(Buffer.concat(parts), done);
  else done?.();
}
