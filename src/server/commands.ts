import { z } from 'zod';
import type { AuthMessage, Command, WireError } from '../api/messages.ts';
import { ERROR_CODE, type ErrorNumber, SOURCES, STREAM_NAMES } from '../api/protocol.ts';

const id = z.int().positive();

const authSchema = z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(4096) });

const seq = z.int().nonnegative();
const lastSeq = z.union([seq, z.partialRecord(z.enum(SOURCES), seq)], {
  error: `must be a number, or an object with a number for each of ${SOURCES.join(', ')}`,
});

const subscribeSchema = z
  .strictObject({
    id,
    type: z.literal('subscribe'),
    stream: z.enum(STREAM_NAMES),
    source: z.enum(SOURCES).optional(),
    policy: z.enum(['latest', 'all']).default('all'),
    min_period_ms: z.int().nonnegative().max(3_600_000).default(0),
    resume: z.strictObject({ session: z.string().max(256), last_seq: lastSeq }).optional(),
  })
  .refine((command) => command.min_period_ms === 0 || command.policy === 'latest', {
    path: ['min_period_ms'],
    message: 'is allowed only with policy "latest"',
  });

/** Printable text, because a label ends up in files and on other people's screens. */
const label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'must not contain control characters');

const COMMANDS = {
  subscribe: subscribeSchema,
  unsubscribe: z.strictObject({ id, type: z.literal('unsubscribe'), sub: z.int().positive() }),
  ping: z.strictObject({ id, type: z.literal('ping') }),
  marker: z.strictObject({ id, type: z.literal('marker'), label }),
} satisfies Record<Command['type'], z.ZodType>;

/** A checked command of type `T` with its defaults filled in. */
export type CommandOf<T extends Command['type']> = z.infer<(typeof COMMANDS)[T]>;
export type ParsedCommand = { [T in Command['type']]: CommandOf<T> }[Command['type']];

/** Commands of later versions. */
const RESERVED = ['record.start', 'record.stop', 'calibrate.start', 'model.load'];

interface Refusal {
  readonly id: number | null;
  readonly error: WireError;
}

type Parsed =
  | { readonly kind: 'auth'; readonly auth: AuthMessage }
  | { readonly kind: 'command'; readonly command: ParsedCommand }
  | ({ readonly kind: 'refused' } & Refusal);

export function wireError(code: ErrorNumber, message: string, retryable = false): WireError {
  return { code, message, retryable };
}

/** Parses one text message. Never throws. */
export function parseMessage(text: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse(null, ERROR_CODE.badJson, 'the message is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse(null, ERROR_CODE.badMessage, 'the message is not a JSON object');
  }
  const { type, id: rawId } = json as { type?: unknown; id?: unknown };
  if (type === 'auth') {
    const auth = authSchema.safeParse(json);
    return auth.success
      ? { kind: 'auth', auth: auth.data }
      : refuse(null, ERROR_CODE.invalidCommand, explain(auth.error));
  }
  const goodId = id.safeParse(rawId);
  if (!goodId.success) return refuse(null, ERROR_CODE.badMessage, 'the message needs an id, a positive integer');
  if (typeof type !== 'string') return refuse(goodId.data, ERROR_CODE.badMessage, 'the message needs a type, a string');
  if (RESERVED.includes(type)) {
    return refuse(goodId.data, ERROR_CODE.notSupported, `${type} is not supported in this version of the server`);
  }
  if (!Object.hasOwn(COMMANDS, type)) {
    const known = Object.keys(COMMANDS).join(', ');
    return refuse(goodId.data, ERROR_CODE.unknownCommand, `unknown command ${quote(type)}; the commands are ${known}`);
  }
  const command = COMMANDS[type as Command['type']].safeParse(json);
  if (!command.success) return refuse(goodId.data, ERROR_CODE.invalidCommand, explain(command.error));
  return { kind: 'command', command: command.data };
}

function refuse(id: number | null, code: ErrorNumber, message: string): Parsed {
  return { kind: 'refused', id, error: wireError(code, message) };
}

function explain(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return clip(path.length === 0 ? message : `${path.join('.')}: ${message}`);
}

function quote(text: string): string {
  return JSON.stringify(clip(text));
}

/** Keeps an answer short when it quotes a long message. */
function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
