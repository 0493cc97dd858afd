import type { IncomingMessage } from 'node:http';
import { isLoopback, type ServerConfig } from './config.ts';

type OriginRules = Pick<ServerConfig, 'host' | 'allowed_origins'>;

/**
 * Why a request is refused because of its Host header; null: it is not.
 * A server on loopback trusts everyone who can reach it, so a web page must not reach it through a DNS name of its own
 * (DNS rebinding): the Host header must be a loopback name or the host of an allowed origin.
 */
export function refusedHost(request: IncomingMessage, rules: OriginRules): string | null {
  if (!isLoopback(rules.host)) return null;
  const host = parse(`http://${request.headers.host ?? ''}`);
  if (host !== null && (isLoopback(host.hostname) || rules.allowed_origins.some((o) => parse(o)?.host === host.host))) {
    return null;
  }
  return `the host ${JSON.stringify(request.headers.host ?? '')} is not this server: use http://127.0.0.1 or http://localhost`;
}

/**
 * Why a WebSocket is refused because of its Origin header; null: it is not. Browsers always send an Origin, so a request
 * without one comes from a program.
 */
export function refusedOrigin(request: IncomingMessage, rules: OriginRules): string | null {
  const text = request.headers.origin;
  if (text === undefined || rules.allowed_origins.includes(text)) return null;
  const origin = parse(text);
  if (origin !== null && (isLoopback(origin.hostname) || origin.host === request.headers.host)) return null;
  return `the origin ${JSON.stringify(text)} is not allowed: add it to server.allowed_origins`;
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
