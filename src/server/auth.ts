import { createHash, timingSafeEqual } from 'node:crypto';
import { SCOPES, type Scope } from '../api/protocol.ts';
import { AffectEdgeError } from '../errors.ts';
import { isLoopback, type ServerConfig, type TokenConfig } from './config.ts';

/** What a client may do, and until when (ISO 8601; null: no limit). */
export interface Grant {
  readonly scopes: ReadonlySet<Scope>;
  readonly expires: string | null;
}

export const FULL_GRANT: Grant = { scopes: new Set(SCOPES), expires: null };

/** @throws AUTH_REQUIRED if other machines could connect without a token */
export function assertProtected({ host, tokens }: Pick<ServerConfig, 'host' | 'tokens'>): void {
  if (tokens.length > 0 || isLoopback(host)) return;
  throw new AffectEdgeError(
    'AUTH_REQUIRED',
    `the server does not listen on ${host} without a token, because other machines could read a person's emotions: ` +
      'add one under server.tokens ({name, sha256, scopes}), or listen on 127.0.0.1',
  );
}

/** The grant of a token; null if it is unknown or expired. Compares with every known token, in constant time. */
export function authenticate(token: string, tokens: readonly TokenConfig[], unixUs: number): Grant | null {
  const presented = createHash('sha256').update(token).digest();
  let found: TokenConfig | null = null;
  for (const known of tokens) {
    if (timingSafeEqual(presented, Buffer.from(known.sha256, 'hex'))) found = known;
  }
  if (found === null) return null;
  const scopes = new Set<Scope>(found.scopes.includes('admin') ? SCOPES : found.scopes);
  const grant = { scopes, expires: found.expires ?? null };
  return hasExpired(grant, unixUs) ? null : grant;
}

export function hasExpired({ expires }: Grant, unixUs: number): boolean {
  return expires !== null && Date.parse(expires) * 1000 <= unixUs;
}
