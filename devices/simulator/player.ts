import type { SerialPortStream } from '@serialport/stream';
import { Observable } from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import type { PortOpener } from '../serial/port.ts';
import type { Amplifier } from './amplifier.ts';
import type { DeliveryCounts } from './faulty-link.ts';
import { everyMs, type Pace } from './pace.ts';

export interface PlayerOptions {
  /** Port at the device's end of the cable: one of a pty pair, or a real port with a null modem. */
  readonly path: string;
  readonly baud: number;
  readonly amplifier: Amplifier;
  readonly clock: Clock;
  readonly openPort: PortOpener;
  readonly pace?: Pace;
}

export interface PlayerProgress extends DeliveryCounts {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** With more unsent bytes new ones are dropped, as at a real port without flow control. */
const BACKLOG_BYTES = 1 << 20;
const REPORT_US = 1e6;
/** The port stays open this long at the end, because a closed pty may drop unread bytes. */
const CLOSING_US = 300_000;

/**
 * Plays the amplifier at a port in real time. Emits progress about once a second and completes at a recording's end. An
 * unplugged cable appears as silence, because the port itself stays. Unsubscribing closes the port. Errors are those of
 * `openPort`, or PORT_FAILED.
 */
export function playOnPort(options: PlayerOptions): Observable<PlayerProgress> {
  const { path, baud, amplifier, clock, openPort, pace = everyMs(5) } = options;
  return new Observable((subscriber) => {
    let port: SerialPortStream | undefined;
    let stop = (): void => undefined;
    let bytesSent = 0;
    let bytesReceived = 0;
    let reportedUs = clock.monoUs();
    let endedUs: number | undefined;
    const report = (): void => subscriber.next({ ...amplifier.counts, bytesSent, bytesReceived });

    const step = (opened: SerialPortStream): void => {
      const nowUs = clock.monoUs();
      const bytes = amplifier.advance(nowUs);
      if (bytes.length > 0 && opened.writableLength < BACKLOG_BYTES) {
        bytesSent += bytes.length;
        opened.write(bytes);
      }
      if (nowUs - reportedUs >= REPORT_US) {
        reportedUs = nowUs;
        report();
      }
      if (!amplifier.ended) return;
      endedUs ??= nowUs;
      if (nowUs - endedUs < CLOSING_US) return;
      report();
      subscriber.complete();
    };

    const failed = (error?: Error | null): void => {
      const reason = error ? messageOf(error) : 'it was closed';
      subscriber.error(new AffectEdgeError('PORT_FAILED', `the link to ${path} broke: ${reason}`, { cause: error }));
    };

    const onOpen = (opened: SerialPortStream): void => {
      port = opened;
      if (subscriber.closed) {
        close();
        return;
      }
      opened.on('data', (bytes: Uint8Array) => {
        bytesReceived += bytes.length;
        amplifier.receive(bytes);
      });
      opened.on('close', failed);
      opened.on('error', failed);
      stop = pace(() => step(opened));
    };

    const close = (): void => {
      stop();
      if (!port) return;
      port.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
      port.on('error', () => undefined);
      if (port.isOpen) port.close();
    };

    openPort(path, baud).then(onOpen, (error: unknown) => subscriber.error(error));
    return close;
  });
}
