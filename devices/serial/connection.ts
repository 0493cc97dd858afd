import type { SerialPortStream } from '@serialport/stream';
import { Observable } from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { AffectEdgeError, isAffectEdgeError, messageOf } from '../../src/errors.ts';
import type { DeviceEvent } from '../../src/samples.ts';
import type { ProtocolSession } from './protocol.ts';

export interface ConnectionOptions {
  readonly path: string;
  readonly clock: Clock;
  /** No sample for so long is an error. */
  readonly silentMs: number;
  readonly open: () => Promise<SerialPortStream>;
  /** Called once the port is closed again, or was never opened. */
  readonly released: () => void;
}

const TICK_MS = 100;
/** The stop command gets so long to leave before the port is closed. */
const FAREWELL_MS = 200;

/** One opening of a port: what `session` makes of its bytes until the link breaks, which is an error. */
export function connection(session: ProtocolSession, options: ConnectionOptions): Observable<DeviceEvent> {
  const { path, clock, silentMs } = options;
  return new Observable((subscriber) => {
    let port: SerialPortStream | undefined;
    let timer: NodeJS.Timeout | undefined;
    /** Ticks, not clock time: a host that was suspended or busy is not a silent device. */
    let silentTicks = 0;

    /** Runs a step of the session; what it throws ends the connection. */
    const step = (run: () => DeviceEvent[]): void => {
      try {
        for (const event of run()) {
          if (event.type === 'samples') silentTicks = 0;
          subscriber.next(event);
        }
        // who listens may have stopped at an event: nothing is written behind the farewell
        if (!subscriber.closed) write(port, session.takeWrites());
      } catch (error) {
        subscriber.error(
          isAffectEdgeError(error)
            ? new AffectEdgeError(error.code, `${path}: ${error.message}`, { cause: error })
            : error,
        );
      }
    };

    const silent = (): AffectEdgeError => {
      const { bytesReceived } = session.counts;
      return new AffectEdgeError(
        'DEVICE_SILENT',
        `no sample came from ${path} for ${silentMs / 1000} s (${bytesReceived} bytes so far). ` +
          'Is the device switched on, and is this its port?',
      );
    };

    const onOpen = (opened: SerialPortStream): void => {
      port = opened;
      if (subscriber.closed) {
        close();
        return;
      }
      port.on('close', (error?: Error | null) => subscriber.error(gone(path, error)));
      port.on('error', (error: Error) => subscriber.error(gone(path, error)));
      // what another device left in the driver's buffer; a driver that can't drop it is read as it is
      port.flush(() => begin(opened));
    };

    const begin = (opened: SerialPortStream): void => {
      if (subscriber.closed) return;
      opened.on('data', (bytes: Uint8Array) => step(() => session.push(bytes, clock.monoUs())));
      timer = setInterval(() => {
        if (++silentTicks * TICK_MS > silentMs) subscriber.error(silent());
        else step(() => session.tick(clock.monoUs()));
      }, TICK_MS);
      write(opened, session.opened(clock.monoUs()));
    };

    const close = (): void => {
      clearInterval(timer);
      if (!port) return;
      const closing = port;
      closing.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
      closing.on('error', () => undefined);
      let finished = false;
      const finish = (): void => {
        clearTimeout(farewell);
        if (finished) return;
        finished = true;
        if (closing.isOpen) closing.close(options.released);
        else options.released();
      };
      const farewell = setTimeout(finish, FAREWELL_MS);
      write(closing, session.closing(), finish);
    };

    options.open().then(onOpen, (error: unknown) => {
      options.released();
      subscriber.error(error);
    });
    return close;
  });
}

function gone(path: string, error?: Error | null): AffectEdgeError {
  const reason = error ? `the device was unplugged (${messageOf(error)})` : 'the port was closed';
  return new AffectEdgeError('PORT_FAILED', `the link to ${path} broke: ${reason}`, { cause: error });
}

/** A closed port would keep the bytes for ever and never call back. */
function write(port: SerialPortStream | undefined, parts: readonly Uint8Array[], done?: () => void): void {
  if (port?.isOpen && parts.length > 0) port.write(Buffer.concat(parts), done);
  else done?.();
}
