import type { RawData, WebSocket } from 'ws';
import type { Notice } from '../api/events.ts';
import type {
  AuthMessage,
  AuthOkMessage,
  CommandResults,
  HelloMessage,
  ResultMessage,
  SubscribeResult,
  WireError,
} from '../api/messages.ts';
import { CLOSE_CODE, ERROR_CODE, type Scope, STREAM_SCOPE } from '../api/protocol.ts';
import { messageOf } from '../errors.ts';
import { authenticate, FULL_GRANT, type Grant, hasExpired } from './auth.ts';
import { type ParsedCommand, parseMessage, wireError } from './commands.ts';
import type { ServerContext } from './context.ts';
import { helloOf, readClock, schemaOf } from './hello.ts';
import { Outbox } from './outbox.ts';
import { chooseSources } from './sources.ts';
import { Subscription } from './subscription.ts';

type Command<T extends ParsedCommand['type']> = Extract<ParsedCommand, { type: T }>;

/** One client, from its hello to its close: who it is, what it asks and what it is subscribed to. */
export class Connection {
  private readonly context: ServerContext;
  private readonly outbox: Outbox;
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly authTimer: NodeJS.Timeout | undefined;
  private grant: Grant | null;
  private lastSub = 0;
  /** Refused messages since the last good one. */
  private strikes = 0;
  private second = { startUs: 0, commands: 0 };

  constructor(socket: WebSocket, context: ServerContext) {
    const { options, stats } = context;
    this.context = context;
    this.outbox = new Outbox(socket, options.limits, options.clock, stats);
    this.grant = options.tokens.length === 0 ? FULL_GRANT : null;
    if (this.grant === null) {
      const late = () => this.turnAway(CLOSE_CODE.authTimeout, 'no token came in time');
      this.authTimer = setTimeout(late, options.limits.auth_timeout_ms);
    }
    socket.on('message', (data, binary) => this.receive(data, binary));
    socket.on('error', () => {}); // a close follows; the library answers protocol errors itself
    socket.on('close', () => this.end());
    this.send(helloOf(context));
  }

  notify(notice: Notice): void {
    if (this.grant !== null) this.send(notice);
  }

  close(code: number, reason: string): void {
    this.outbox.close(code, reason);
  }

  /** To be called now and then. */
  check(): void {
    this.outbox.checkProgress();
    if (this.grant !== null && hasExpired(this.grant, this.context.options.clock.unixUs())) {
      this.close(CLOSE_CODE.unauthenticated, 'the token has expired');
    }
  }

  private receive(data: RawData, binary: boolean): void {
    if (!this.outbox.open) return;
    const bytes = data as Buffer; // the library's default binaryType
    const { max_message_bytes } = this.context.options.limits;
    if (bytes.length > max_message_bytes) {
      const message = `the message has ${bytes.length} bytes, more than the ${max_message_bytes} that are read`;
      return this.refuseUnread(wireError(ERROR_CODE.tooLarge, message));
    }
    if (binary) return this.refuseUnread(wireError(ERROR_CODE.badJson, 'a command is a text message'));
    const parsed = parseMessage(bytes.toString());
    if (parsed.kind === 'auth') this.authenticate(parsed.auth);
    else if (this.grant === null) this.turnAway(CLOSE_CODE.unauthenticated, 'the first message must be auth');
    else if (parsed.kind === 'refused') this.refuse(parsed.id, parsed.error);
    else this.run(parsed.command, this.grant);
  }

  private authenticate({ token }: AuthMessage): void {
    const { tokens, clock } = this.context.options;
    if (this.grant === null) {
      clearTimeout(this.authTimer);
      this.grant = authenticate(token, tokens, clock.unixUs());
      if (this.grant === null) return this.turnAway(CLOSE_CODE.unauthenticated, 'the token is unknown or has expired');
    } else if (tokens.length > 0) {
      return this.refuse(null, wireError(ERROR_CODE.alreadyAuthenticated, 'this connection is authenticated already'));
    }
    const { scopes, expires } = this.grant;
    this.send({ type: 'auth_ok', scopes: [...scopes], expires });
  }

  private run(command: ParsedCommand, grant: Grant): void {
    const { clock, limits } = this.context.options;
    const nowUs = clock.monoUs();
    if (nowUs - this.second.startUs >= 1e6) this.second = { startUs: nowUs, commands: 0 };
    if (++this.second.commands > limits.max_commands_per_s) {
      const message = `more than ${limits.max_commands_per_s} commands in a second`;
      return this.refuse(command.id, wireError(ERROR_CODE.rateLimited, message, true));
    }
    const scope = neededScope(command);
    if (scope !== null && !grant.scopes.has(scope)) {
      const error = wireError(ERROR_CODE.forbidden, `the token lacks the scope ${scope}`);
      return this.refuse(command.id, error, CLOSE_CODE.forbidden);
    }
    this.strikes = 0;
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

  private subscribe(command: Command<'subscribe'>): void {
    const { id, stream, resume } = command;
    const { hub, options, stats, service } = this.context;
    const { limits, clock } = options;
    const { max_subscriptions } = limits;
    if (this.subscriptions.size >= max_subscriptions) {
      const message = `this connection has ${max_subscriptions} subscriptions, as many as are allowed`;
      return this.fail(id, wireError(ERROR_CODE.tooManySubscriptions, message));
    }
    const choice = chooseSources(command, service);
    if ('refusal' in choice) return this.fail(id, wireError(ERROR_CODE.invalidCommand, choice.refusal));
    const sources = choice.chosen;
    const subscription = new Subscription(++this.lastSub, command, sources, this.outbox, limits, clock, stats);
    const { replayed, missed, present } = hub.catchUp(subscription, resume);
    const {
      id: model,
      sha256,
      modality,
      labels,
      window_ms,
      hop_ms,
    } = service.models.find((candidate) => sources.includes(candidate.modality)) ?? service.models[0];
    const result: SubscribeResult = {
      sub: subscription.id,
      schema: schemaOf(stream),
      labels,
      window_ms,
      hop_ms,
      model: { id: model, sha256, modality },
      ...(resume === undefined ? {} : { resume: { replayed: replayed.length, missed } }),
    };
    this.succeed(id, result);
    this.subscriptions.set(subscription.id, subscription);
    for (const publication of [...replayed, ...present]) subscription.offer(publication);
    hub.add(subscription);
  }

  private unsubscribe({ id, sub }: Command<'unsubscribe'>): void {
    const subscription = this.subscriptions.get(sub);
    if (subscription === undefined) {
      return this.fail(id, wireError(ERROR_CODE.unknownSubscription, `this connection has no subscription ${sub}`));
    }
    this.subscriptions.delete(sub);
    this.context.hub.remove(subscription);
    this.succeed(id, {});
  }

  private mark({ id, label }: Command<'marker'>): void {
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

  /** Fails a message that no well-behaved client sends; after too many in a row the connection is closed. */
  private refuse(id: number | null, error: WireError, closeCode: number = CLOSE_CODE.garbage): void {
    this.fail(id, error);
    if (++this.strikes < this.context.options.limits.garbage_limit) return;
    this.context.stats.garbage++;
    this.close(closeCode, `${this.strikes} refused messages in a row`);
  }

  private refuseUnread(error: WireError): void {
    if (this.grant === null) this.turnAway(CLOSE_CODE.unauthenticated, 'the first message must be auth');
    else this.refuse(null, error);
  }

  private turnAway(code: number, reason: string): void {
    this.context.stats.refused++;
    this.close(code, reason);
  }

  private end(): void {
    clearTimeout(this.authTimer);
    for (const subscription of this.subscriptions.values()) this.context.hub.remove(subscription);
    this.subscriptions.clear();
  }
}

function neededScope(command: ParsedCommand): Scope | null {
  if (command.type === 'subscribe') return STREAM_SCOPE[command.stream];
  return command.type === 'marker' ? 'markers' : null;
}
