import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { SCOPES } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';

const bytes = z.int().positive();
const milliseconds = z.int().positive().max(3_600_000);

const tokenSchema = z.strictObject({
  name: z.string().min(1),
  /** Of the token's UTF-8 bytes; the token itself is stored nowhere. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the 64 hex digits of a SHA-256')
    .transform((hex) => hex.toLowerCase()),
  scopes: z.array(z.enum(SCOPES)).min(1),
  expires: z.iso.datetime({ offset: true }).optional(),
});
export type TokenConfig = z.infer<typeof tokenSchema>;

/** As browsers send it, so that it can be compared as text. */
const originSchema = z
  .string()
  .regex(
    /^([a-z][a-z0-9+.-]*:\/\/[^/\s]*|null)$/i,
    'must be an origin, "https://lab.example", without a path or a slash at its end',
  )
  .transform((origin) => origin.toLowerCase());

const limitsSchema = z.strictObject({
  max_clients: z.int().positive().default(2000),
  max_subscriptions: z.int().positive().default(32),
  /** A longer message gets an error; one beyond `max_frame_bytes` closes the connection (1009). */
  max_message_bytes: bytes.default(64 * 1024),
  max_frame_bytes: bytes.default(256 * 1024),
  /** One command more is refused, and a client that goes on is closed like one that sends garbage. */
  max_commands_per_s: z.int().positive().default(200),
  /** So many refused messages in a row close the connection (4400, or 4403 for missing scopes). */
  garbage_limit: z.int().positive().default(20),
  auth_timeout_ms: milliseconds.default(5000),
  /** With so much unsent, a subscription of policy latest waits with its newest event: it wants it fresh... */
  latest_policy_bytes: bytes.default(16 * 1024),
  /** ...raw frames are dropped... */
  drop_raw_bytes: bytes.default(256 * 1024),
  /** ...gaze events are dropped, and of predictions, features, quality and device only each source's newest waits... */
  latest_wins_bytes: bytes.default(512 * 1024),
  /** ...and the client is cut, as well when nothing leaves for `cut_ms`. */
  cut_bytes: bytes.default(4 * 1024 * 1024),
  cut_ms: milliseconds.default(30_000),
  /** A client that does not answer a close is dropped after this time. */
  close_timeout_ms: milliseconds.default(2000),
  /** Events of each stream and source that are kept for clients that resume. */
  replay_events: z.int().nonnegative().default(256),
});
export type Limits = z.infer<typeof limitsSchema>;

export const serverConfigSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free one. */
  port: z.int().min(0).max(65_535).default(0),
  tokens: z.array(tokenSchema).default([]),
  /** PEM files. */
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  /** Web origins beside this server's own and loopback ones, "https://lab.example". */
  allowed_origins: z.array(originSchema).default([]),
  limits: limitsSchema.prefault({}),
});
export type ServerConfig = z.infer<typeof serverConfigSchema>;

export interface ServerOptions extends ServerConfig {
  readonly clock: Clock;
  /** Of the product, for `hello` and /metrics. */
  readonly version: string;
  /** Folder of the built dashboard; its files are read once, at the start. */
  readonly dashboardDir?: string;
}

/** Knows every way to write an address, those of IPv4 inside IPv6 too. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** True for names and addresses that only this machine can reach; brackets of a URL's IPv6 host are understood. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const version = isIP(name);
  if (version !== 0) return LOOPBACK.check(name, version === 6 ? 'ipv6' : 'ipv4');
  return name === 'localhost' || name.endsWith('.localhost');
}
