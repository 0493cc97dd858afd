import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { STREAM_PATH } from '../api/protocol.ts';
import type { ServerContext } from './context.ts';
import { renderMetrics } from './metrics.ts';
import { refusedHost } from './origin.ts';
import { loadStaticFiles } from './static-files.ts';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const TEXT = 'text/plain; charset=utf-8';

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain HTTP beside the stream. It contains no data about a person and needs no token. */
export function createHttpListener({ service, options, stats }: ServerContext): RequestListener {
  const asyncapi = readFileSync(new URL('./asyncapi.json', import.meta.url));
  const files = options.dashboardDir === undefined ? new Map() : loadStaticFiles(options.dashboardDir);
  const pages: Readonly<Record<string, () => Answer>> = {
    '/healthz': () => text(200, 'ok'),
    '/readyz': () => {
      const { ready, reason } = service.readiness();
      return ready ? text(200, 'ready') : text(503, reason);
    },
    '/metrics': () => ({
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: renderMetrics(stats, service, options),
    }),
    '/asyncapi.json': () => ({ type: 'application/json', body: asyncapi }),
    [STREAM_PATH]: () => ({
      ...text(426, 'this address needs a WebSocket'),
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    }),
  };
  const answerTo = (request: IncomingMessage): Answer => {
    const foreign = refusedHost(request, options);
    if (foreign !== null) return text(403, foreign);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { ...text(405, 'only GET and HEAD'), headers: { Allow: 'GET, HEAD' } };
    }
    const path = (request.url ?? '/').split('?', 1)[0]!;
    if (Object.hasOwn(pages, path)) return pages[path]!();
    return files.get(path) ?? text(404, 'not found');
  };
  return (request, response) => reply(response, answerTo(request), request.method === 'HEAD');
}

function text(status: number, body: string): Answer {
  return { status, type: TEXT, body: `${body}\n` };
}

function reply(response: ServerResponse, { status = 200, type, body, headers }: Answer, headOnly: boolean): void {
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(headOnly ? undefined : body);
}
