import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { SCOPES } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';

const bytes = z.int().positive();
const milliseconds = z.int().positive().max(3_600_000);

const tokenSchema = z.strictObject({
  name: z.string().min(1),
  /** Of the token's UTF-8 bytes. The token itself is not stored. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the 64 hex digits of a SHA-256')
    .transform((hex) => hex.toLowerCase()),
  scopes: z.array(z.enum(SCOPES)).min(1),
  expires: z.iso.datetime({ offset: true }).optional(),
});
export type TokenConfig = z.infer<typeof tokenSchema>;

/** In the form that browsers send, so that it can be compared as text. */
const originSchema = z
  .string()
  .regex(
    /^([a-z][a-z0-9+.-]*:\/\/[^/\s]*|null)$/i,
    'must be an origin, "https://lab.example", without a path and without a slash at its end',
  )
  .transform((origin) => origin.toLowerCase());

const limitsSchema = z.strictObject({
  max_clients: z.int().positive().default(2000),
  max_subscriptions: z.int().positive().default(32),
  /** A longer message gets an error; one longer than `max_frame_bytes` closes the connection (1009). */
  max_message_bytes: bytes.default(64 * 1024),
  max_frame_bytes: bytes.default(256 * 1024),
  /** Commands beyond this rate of messages are refused, and count as garbage. Refused messages count, too. */
  max_commands_per_s: z.int().positive().default(200),
  /** Messages beyond this are refused unread, and count as garbage. */
  max_bytes_per_s: bytes.default(1024 * 1024),
  /** This many refused messages close the connection (4400, or 4403 for missing scopes); one is forgiven every 5 s. */
  garbage_limit: z.int().positive().default(20),
  auth_timeout_ms: milliseconds.default(5000),
  /** With more unsent bytes than this, a subscription with policy `latest` holds its newest event back... */
  latest_policy_bytes: bytes.default(16 * 1024),
  /** ...raw frames are dropped... */
  drop_raw_bytes: bytes.default(256 * 1024),
  /** ...gaze events are dropped; of predictions, features, quality and device only each source's newest event waits... */
  latest_wins_bytes: bytes.default(512 * 1024),
  /** ...and the client is disconnected, also if it takes nothing for `cut_ms`. */
  cut_bytes: bytes.default(4 * 1024 * 1024),
  cut_ms: milliseconds.default(30_000),
  /** A client that does not answer a close is disconnected after this time. */
  close_timeout_ms: milliseconds.default(2000),
  /** Number of events of each stream and source that are kept for clients that resume. */
  replay_events: z.int().nonnegative().default(256),
});
export type Limits = z.infer<typeof limitsSchema>;

export const serverConfigSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(0),
  tokens: z.array(tokenSchema).default([]),
  /** PEM files. */
  tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  /** Web origins that may connect besides this server's own and loopback ones, for example "https://lab.example". */
  allowed_origins: z.array(originSchema).default([]),
  limits: limitsSchema.prefault({}),
});
export type ServerConfig = z.infer<typeof serverConfigSchema>;

export interface ServerOptions extends ServerConfig {
  readonly clock: Clock;
  /** Version of the product, for `hello` and /metrics. */
  readonly version: string;
  /** Lines of the log that could not be written, for /metrics. */
  readonly droppedLogLines?: () => number;
  /** Folder of the built dashboard. Its files are read once, at the start. */
  readonly dashboardDir?: string;
}

/** A BlockList matches every notation of an address, also IPv4 mapped into IPv6. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** True for names and addresses that only this machine can reach. An IPv6 address may be in the brackets of a URL. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const version = isIP(name);
  if (version !== 0) return LOOPBACK.check(name, version === 6 ? 'ipv6' : 'ipv4');
  return name === 'localhost' || name.endsWith('.localhost');
}
