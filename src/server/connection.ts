import type { RawData, WebSocket } from 'ws';
import type { Notice } from '../api/events.ts';
import type {
  AuthMessage,
  AuthOkMessage,
  CommandResults,
  HelloMessage,
  ResultMessage,
  WireError,
} from '../api/messages.ts';
import { CLOSE_CODE, ERROR_CODE, type Scope, STREAM_SCOPE } from '../api/protocol.ts';
import { messageOf } from '../errors.ts';
import { authenticate, FULL_GRANT, type Grant, hasExpired } from './auth.ts';
import { type CommandOf, type ParsedCommand, parseMessage, wireError } from './commands.ts';
import type { ServerContext } from './context.ts';
import { helloOf, readClock } from './hello.ts';
import { LeakyBucket } from './leaky-bucket.ts';
import { Outbox } from './outbox.ts';
import { Subscriptions } from './subscriptions.ts';

/** A refused message is forgiven after 5 s. */
const GARBAGE_LEAK_PER_S = 0.2;

/** One client from `hello` to close: authenticates it and answers its commands. */
export class Connection {
  private readonly context: ServerContext;
  private readonly outbox: Outbox;
  private readonly subscriptions: Subscriptions;
  private readonly authTimer: NodeJS.Timeout | undefined;
  private grant: Grant | null;
  /** What the client sends, refused messages included. */
  private readonly messages: LeakyBucket;
  private readonly bytes: LeakyBucket;
  private readonly garbage: LeakyBucket;

  constructor(socket: WebSocket, context: ServerContext) {
    const { options, stats } = context;
    const { max_commands_per_s, max_bytes_per_s, garbage_limit } = options.limits;
    this.messages = new LeakyBucket(max_commands_per_s, max_commands_per_s);
    this.bytes = new LeakyBucket(max_bytes_per_s, max_bytes_per_s);
    this.garbage = new LeakyBucket(garbage_limit - 1, GARBAGE_LEAK_PER_S);
    this.context = context;
    this.outbox = new Outbox(socket, options.limits, options.clock, stats);
    this.subscriptions = new Subscriptions(context, this.outbox);
    this.grant = options.tokens.length === 0 ? FULL_GRANT : null;
    if (this.grant === null) {
      const reject = () => this.reject(CLOSE_CODE.authTimeout, 'no token was sent in time');
      this.authTimer = setTimeout(reject, options.limits.auth_timeout_ms);
    }
    socket.on('message', (data, binary) => this.receive(data, binary));
    socket.on('error', () => {}); // a close event follows; ws answers protocol errors itself
    socket.on('close', () => this.end());
    this.send(helloOf(context));
  }

  notify(notice: Notice): void {
    if (this.grant !== null) this.send(notice);
  }

  close(code: number, reason: string): void {
    this.outbox.close(code, reason);
  }

  /** Disconnects a stalled client and one whose token has expired. To be called regularly. */
  check(): void {
    this.outbox.checkProgress();
    if (this.grant !== null && hasExpired(this.grant, this.context.options.clock.unixUs())) {
      this.close(CLOSE_CODE.unauthenticated, 'the token has expired');
    }
  }

  private receive(data: RawData, binary: boolean): void {
    if (!this.outbox.open) return;
    const bytes = data as Buffer; // the default binaryType of ws
    const { stats, options } = this.context;
    const { clock, limits } = options;
    const { max_message_bytes, max_commands_per_s, max_bytes_per_s } = limits;
    stats.received.messages++;
    stats.received.bytes += bytes.length;
    const nowUs = clock.monoUs();
    const isTooFast = this.messages.add(1, nowUs);
    if (this.bytes.add(bytes.length, nowUs)) {
      const message = `more than ${max_bytes_per_s} bytes in a second`;
      return this.refuseUnread(wireError(ERROR_CODE.rateLimited, message, true));
    }
    if (bytes.length > max_message_bytes) {
      const message = `the message has ${bytes.length} bytes, more than the ${max_message_bytes} that are allowed`;
      return this.refuseUnread(wireError(ERROR_CODE.tooLarge, message));
    }
    if (binary) return this.refuseUnread(wireError(ERROR_CODE.badJson, 'a command must be a text message'));
    const parsed = parseMessage(bytes.toString());
    if (parsed.kind === 'auth') this.authenticate(parsed.auth);
    else if (this.grant === null) this.reject(CLOSE_CODE.unauthenticated, 'the first message must be auth');
    else if (parsed.kind === 'refused') this.refuse(parsed.id, parsed.error);
    else if (isTooFast) {
      const message = `more than ${max_commands_per_s} commands in a second`;
      this.refuse(parsed.command.id, wireError(ERROR_CODE.rateLimited, message, true));
    } else this.run(parsed.command, this.grant);
  }

  private authenticate({ token }: AuthMessage): void {
    const { tokens, clock } = this.context.options;
    if (this.grant === null) {
      clearTimeout(this.authTimer);
      this.grant = authenticate(token, tokens, clock.unixUs());
      if (this.grant === null) {
        this.context.stats.failedAuthentications++;
        return this.reject(CLOSE_CODE.unauthenticated, 'the token is unknown or has expired');
      }
    } else if (tokens.length > 0) {
      return this.refuse(null, wireError(ERROR_CODE.alreadyAuthenticated, 'this connection is already authenticated'));
    }
    const { scopes, expires } = this.grant;
    this.send({ type: 'auth_ok', scopes: [...scopes], expires });
  }

  private run(command: ParsedCommand, grant: Grant): void {
    const { clock } = this.context.options;
    const scope = neededScope(command);
    if (scope !== null && !grant.scopes.has(scope)) {
      const error = wireError(ERROR_CODE.forbidden, `the token lacks the scope ${scope}`);
      return this.refuse(command.id, error, CLOSE_CODE.forbidden);
    }
    switch (command.type) {
      case 'subscribe':
        return this.subscribe(command);
      case 'unsubscribe':
        return this.unsubscribe(command);
      case 'ping':
        return this.succeed(command.id, { clock: readClock(clock) });
      case 'marker':
        return this.mark(command);
    }
  }

  private subscribe(command: CommandOf<'subscribe'>): void {
    const opened = this.subscriptions.open(command);
    if ('error' in opened) return this.fail(command.id, opened.error);
    this.succeed(command.id, opened.result);
    opened.start();
  }

  private unsubscribe({ id, sub }: CommandOf<'unsubscribe'>): void {
    if (this.subscriptions.close(sub)) return this.succeed(id, {});
    this.fail(id, wireError(ERROR_CODE.unknownSubscription, `this connection has no subscription ${sub}`));
  }

  private mark({ id, label }: CommandOf<'marker'>): void {
    try {
      this.context.service.mark(label);
    } catch (error) {
      return this.fail(id, wireError(ERROR_CODE.internal, messageOf(error), true));
    }
    this.succeed(id, {});
  }

  private send(message: HelloMessage | AuthOkMessage | ResultMessage | Notice): void {
    this.outbox.send(JSON.stringify(message));
  }

  private succeed(id: number, result: CommandResults[ParsedCommand['type']]): void {
    this.context.stats.commands.ok++;
    this.send({ type: 'result', id, ok: true, result });
  }

  private fail(id: number | null, error: WireError): void {
    this.context.stats.commands.refused++;
    this.send({ type: 'result', id, ok: false, error });
  }

  /** Reports an error that a correct client does not cause. Too many close the connection. */
  private refuse(id: number | null, error: WireError, closeCode: number = CLOSE_CODE.garbage): void {
    this.fail(id, error);
    const { clock, limits } = this.context.options;
    if (!this.garbage.add(1, clock.monoUs())) return;
    this.context.stats.garbage++;
    this.close(closeCode, `${limits.garbage_limit} refused messages`);
  }

  /** Refuses a message that was not parsed. */
  private refuseUnread(error: WireError): void {
    if (this.grant === null) this.reject(CLOSE_CODE.unauthenticated, 'the first message must be auth');
    else this.refuse(null, error);
  }

  private reject(code: number, reason: string): void {
    this.context.stats.refused++;
    this.close(code, reason);
  }

  private end(): void {
    clearTimeout(this.authTimer);
    this.subscriptions.closeAll();
  }
}

function neededScope(command: ParsedCommand): Scope | null {
  if (command.type === 'subscribe') return STREAM_SCOPE[command.stream];
  return command.type === 'marker' ? 'markers' : null;
}
