import type { SubscribeResult, WireError } from '../api/messages.ts';
import { ERROR_CODE } from '../api/protocol.ts';
import { type CommandOf, wireError } from './commands.ts';
import type { ServerContext } from './context.ts';
import { schemaOf } from './hello.ts';
import type { Outbox } from './outbox.ts';
import { chooseSources } from './sources.ts';
import { Subscription } from './subscription.ts';

interface Accepted {
  readonly result: SubscribeResult;
  /** Starts the delivery. To be called once the result has been sent. */
  start(): void;
}

/** The subscriptions of one connection. */
export class Subscriptions {
  readonly #context: ServerContext;
  readonly #outbox: Outbox;
  readonly #bySub = new Map<number, Subscription>();
  #lastSub = 0;

  constructor(context: ServerContext, outbox: Outbox) {
    this.#context = context;
    this.#outbox = outbox;
  }

  open(command: CommandOf<'subscribe'>): Accepted | { readonly error: WireError } {
    const { hub, options, stats, service } = this.#context;
    const { max_subscriptions } = options.limits;
    if (this.#bySub.size >= max_subscriptions) {
      const message = `this connection has ${max_subscriptions} subscriptions, which is the maximum`;
      return { error: wireError(ERROR_CODE.tooManySubscriptions, message) };
    }
    const choice = chooseSources(command, service);
    if ('refusal' in choice) return { error: wireError(ERROR_CODE.invalidCommand, choice.refusal) };
    const sources = choice.chosen;
    const sub = ++this.#lastSub;
    const subscription = new Subscription(sub, command, sources, this.#outbox, options.limits, options.clock, stats);
    const { replayed, missed, present } = hub.catchUp(subscription, command.resume);
    const model = service.models.find(({ modality }) => sources.includes(modality)) ?? service.models[0];
    const { id, sha256, modality, labels, window_ms, hop_ms } = model;
    return {
      result: {
        sub,
        schema: schemaOf(command.stream),
        labels,
        window_ms,
        hop_ms,
        model: { id, sha256, modality },
        ...(command.resume === undefined ? {} : { resume: { replayed: replayed.length, missed } }),
      },
      start: () => {
        this.#bySub.set(sub, subscription);
        for (const publication of [...replayed, ...present]) subscription.offer(publication);
        hub.add(subscription);
      },
    };
  }

  /** False if this connection has no subscription `sub`. */
  close(sub: number): boolean {
    const subscription = this.#bySub.get(sub);
    if (subscription === undefined) return false;
    this.#bySub.delete(sub);
    this.#context.hub.remove(subscription);
    return true;
  }

  closeAll(): void {
    for (const sub of [...this.#bySub.keys()]) this.close(sub);
  }
}
