import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Notice } from '../api/events.ts';
import { CLOSE_CODE, NOTICE_CODE, STREAM_PATH, SUBPROTOCOL } from '../api/protocol.ts';
import type { Service } from '../api/service.ts';
import { AffectEdgeError, messageOf } from '../errors.ts';
import { assertProtected } from './auth.ts';
import type { ServerConfig, ServerOptions } from './config.ts';
import { Connection } from './connection.ts';
import { createHttpListener } from './http.ts';
import { Hub } from './hub.ts';
import { refusedHost, refusedOrigin } from './origin.ts';
import { ServerStats } from './stats.ts';

const CHECK_MS = 1000;
/** Connections beyond `max_clients`, for plain HTTP and for refusing further clients with an answer. */
const SPARE_CONNECTIONS = 64;
/** Plain HTTP requests on one connection. A client that pipelines more is disconnected. */
const MAX_REQUESTS_PER_SOCKET = 100;

export interface RunningServer {
  readonly wsUrl: string;
  /** Without a slash at the end. */
  readonly httpUrl: string;
  readonly stats: Readonly<ServerStats>;
  /** Notifies and closes every client. Resolves once the port is free. */
  close(): Promise<void>;
}

/**
 * Publishes a service over WebSocket and HTTP on one port.
 * @throws AUTH_REQUIRED, ADDRESS_IN_USE, CONFIG_INVALID (host, port), FILE_NOT_FOUND and FILE_INVALID (TLS)
 */
export async function startServer(service: Service, options: ServerOptions): Promise<RunningServer> {
  assertProtected(options);
  const stats = new ServerStats();
  const hub = new Hub(service.session, options.limits.replay_events, stats);
  const context = { service, options, hub, stats };
  const connections = new Set<Connection>();
  const listener = createHttpListener(context);
  const server = createHttpServer(options, listener);
  const wsOptions = {
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    allowSynchronousEvents: false, // one message per client in turn, so a flood from one client does not delay others
    maxPayload: options.limits.max_frame_bytes,
    closeTimeout: options.limits.close_timeout_ms,
    handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : (false as const)),
  };
  const webSockets = new WebSocketServer(wsOptions);

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {}); // the client may disconnect before it is answered
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return answerPlainly(request, socket, listener);
    const refusal = refusedUpgrade(request, options, connections.size);
    if (refusal !== null) {
      stats.refused++;
      return rejectUpgrade(socket, ...refusal);
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, context);
      connections.add(connection);
      stats.connections++;
      stats.clients++;
      webSocket.on('close', () => {
        connections.delete(connection);
        stats.clients--;
      });
    });
  });

  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  server.on('dropRequest', (_, socket) => socket.destroy());
  server.maxConnections = options.limits.max_clients + SPARE_CONNECTIONS;
  await listen(server, options);
  const notify = (notice: Notice): void => {
    for (const connection of connections) connection.notify(notice);
  };
  const events = service.events$.subscribe({
    next: (event) => ('type' in event ? notify(event) : hub.publish(event)),
    error: () => {}, // `src/main` reports it; the server keeps answering
  });
  const checks = setInterval(
    () => {
      for (const connection of connections) connection.check();
    },
    Math.min(CHECK_MS, options.limits.cut_ms),
  );

  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    clearInterval(checks);
    events.unsubscribe();
    const name = 'shutting_down';
    notify({ type: 'notice', code: NOTICE_CODE[name], name, message: 'the server is shutting down' });
    for (const connection of connections) connection.close(CLOSE_CODE.goingAway, 'the server is shutting down');
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  const address = urlHost(options.host, (server.address() as AddressInfo).port);
  const secure = options.tls === undefined ? '' : 's';
  return {
    wsUrl: `ws${secure}://${address}${STREAM_PATH}`,
    httpUrl: `http${secure}://${address}`,
    stats,
    close: () => (closed ??= close()),
  };
}

function createHttpServer(
  { tls, limits: { auth_timeout_ms } }: ServerConfig,
  listener: http.RequestListener,
): http.Server {
  const limits = {
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    headersTimeout: 5000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 5000,
  };
  if (tls === undefined) return http.createServer(limits, listener);
  const [cert, key] = [readPem('cert', tls.cert), readPem('key', tls.key)];
  try {
    const handshakeTimeout = auth_timeout_ms; // also limits how long a silent socket can delay `close`
    return https.createServer({ ...limits, cert, key, minVersion: 'TLSv1.2', handshakeTimeout }, listener);
  } catch (cause) {
    const message = `${tls.cert} and ${tls.key} are not a certificate and its key (${messageOf(cause)}): give two PEM files that belong together`;
    throw new AffectEdgeError('FILE_INVALID', message, { cause });
  }
}

function readPem(field: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AffectEdgeError('FILE_NOT_FOUND', `server.tls.${field}: can't read ${file} (${messageOf(cause)})`, {
      cause,
    });
  }
}

type Refusal = readonly [status: number, reason: string];

function refusedUpgrade(request: http.IncomingMessage, options: ServerOptions, clients: number): Refusal | null {
  const foreign = refusedHost(request, options) ?? refusedOrigin(request, options);
  if (foreign !== null) return [403, foreign];
  const [path, query] = (request.url ?? '').split('?', 2);
  if (path !== STREAM_PATH) return [404, `the stream is at ${STREAM_PATH}`];
  if (query !== undefined) {
    return [400, 'the address takes no parameters; URLs end up in logs, so a token goes into the first message'];
  }
  if (clients >= options.limits.max_clients) return [503, `${clients} clients are connected, which is the maximum`];
  return null;
}

/** Answers over HTTP/1.1 when a client offers an upgrade to another protocol, such as HTTP/2 (RFC 9110, section 7.8). */
function answerPlainly(request: http.IncomingMessage, socket: Duplex, listener: http.RequestListener): void {
  const response = new http.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => socket.end(() => socket.destroy()));
  listener(request, response as Parameters<http.RequestListener>[1]);
}

function rejectUpgrade(socket: Duplex, status: number, reason: string): void {
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`, () => socket.destroy());
}

async function listen(server: http.Server, { host, port }: ServerConfig): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      const message = `port ${port} on ${host} is in use, perhaps by another affect-edge: stop that one, or let the system choose a free port with --http-port 0`;
      throw new AffectEdgeError('ADDRESS_IN_USE', message, { cause });
    }
    const message = `can't listen on ${host}, port ${port} (${messageOf(cause)}): give an address of this machine and a port of 1024 or above`;
    throw new AffectEdgeError('CONFIG_INVALID', message, { cause });
  }
}

function urlHost(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
