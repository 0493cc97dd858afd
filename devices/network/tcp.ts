import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import type { LinkOpener } from '../link/link.ts';
import { tcpLink } from './link.ts';

export interface TcpOptions {
  readonly host: string;
  readonly port: number;
  /** What must run or be open at the other end: a sentence for error messages. */
  readonly advice: string;
  /** Limit for looking up the name and connecting together. */
  readonly connectMs?: number;
  readonly connectTo?: (host: string, port: number) => Socket;
}

/** Address in messages: `tracker-pc:4242`, `[::1]:4242`. */
export function tcpAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Opens a connection; rejects with HOST_NOT_FOUND, HOST_UNREACHABLE or PORT_FAILED. */
export function tcpOpener(options: TcpOptions): LinkOpener {
  const { host, port, connectMs = 5000, connectTo = systemConnect } = options;
  return async (signal) => {
    const timeout = AbortSignal.timeout(connectMs);
    let socket: Socket | undefined;
    try {
      socket = connectTo(host, port);
      const link = tcpLink(socket);
      await once(socket, 'connect', { signal: AbortSignal.any([signal, timeout]) });
      return link;
    } catch (error) {
      socket?.destroy();
      throw timeout.aborted ? timedOut(options, connectMs, error) : openError(options, error);
    }
  };
}

function systemConnect(host: string, port: number): Socket {
  return connect({ host, port, noDelay: true });
}

function timedOut({ host, port, advice }: TcpOptions, connectMs: number, cause: unknown): AffectEdgeError {
  return new AffectEdgeError(
    'HOST_UNREACHABLE',
    `${tcpAddress(host, port)} did not answer within ${connectMs / 1000} s: is that computer switched on and in this ` +
      `network, and does its firewall allow port ${port}? ${advice}`,
    { cause },
  );
}

function openError({ host, port, advice }: TcpOptions, error: unknown): AffectEdgeError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const address = tcpAddress(host, port);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new AffectEdgeError(
        'HOST_NOT_FOUND',
        `the host of ${address} is not known (${code}): check its name, or give its address (as 192.168.1.20)`,
        { cause: error },
      );
    case 'ECONNREFUSED':
      return new AffectEdgeError(
        'HOST_UNREACHABLE',
        `${address} refuses the connection: nothing listens there. ${advice}`,
        { cause: error },
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'ETIMEDOUT':
      return new AffectEdgeError(
        'HOST_UNREACHABLE',
        `there is no route to ${address} (${code}): are both computers in the same network? ${advice}`,
        { cause: error },
      );
    default:
      return new AffectEdgeError('PORT_FAILED', `${address} could not be opened: ${messageOf(error)}`, {
        cause: error,
      });
  }
}
