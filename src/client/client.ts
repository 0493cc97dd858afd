import type {
  ClientMessage,
  Command,
  CommandResults,
  HelloMessage,
  JsonServerMessage,
  PingResult,
  ResultMessage,
} from '../api/messages.ts';
import { CLOSE_CODE, SUBPROTOCOL } from '../api/protocol.ts';
import {
  type Client,
  ClientError,
  type ClientEvent,
  type ClientOptions,
  type ClientState,
  type ClientSubscription,
  type NoticeMessage,
  type StreamName,
  type SubscribeOptions,
} from './api.ts';
import { decodeRawFrame } from './raw.ts';
import { defaultSocket, type Socket, type SocketConstructor } from './socket.ts';
import { Subscription } from './subscription.ts';

/**
 * Connects to a server and stays connected until `close()`: a broken connection is made again by itself.
 * @param url `ws://HOST:PORT/v1/stream`, or `wss://` where the server uses TLS
 * @throws Error if the runtime has no WebSocket class and `options` has none either (Node 20)
 * @throws SyntaxError (in browsers a DOMException of that name) if `url` is not the URL of a WebSocket
 */
export function connect(url: string, options: ClientOptions = {}): Client {
  return new ReconnectingClient(url, options);
}

const FATAL_CODES: readonly number[] = [CLOSE_CODE.unauthenticated, CLOSE_CODE.forbidden];
const NO_CONNECTION = { code: 1006, message: 'there is no connection to the server', retryable: true };

class ReconnectingClient implements Client {
  hello: HelloMessage | null = null;
  state: ClientState = { name: 'connecting' };
  private readonly url: string;
  private readonly options: ClientOptions;
  private readonly WebSocket: SocketConstructor;
  private readonly subscriptions = new Set<Subscription>();
  private readonly bySub = new Map<number, Subscription>();
  private readonly replies = new Map<number, (message: ResultMessage | null) => void>();
  private readonly noticeListeners = new Set<(notice: NoticeMessage) => void>();
  private readonly stateListeners = new Set<(state: ClientState) => void>();
  private socket: Socket | null = null;
  private lastId = 0;
  private attempts = 0;
  private silentBeats = 0;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, options: ClientOptions) {
    this.url = url;
    this.options = options;
    this.WebSocket = options.WebSocket ?? defaultSocket();
    this.open();
  }

  opened(): Promise<HelloMessage> {
    return new Promise((resolve, reject) => {
      const settle = (state: ClientState): void => {
        if (state.name === 'open') resolve(this.hello!);
        else if (state.name === 'closed') reject(closedError(state));
        else return;
        this.stateListeners.delete(settle);
      };
      this.onState(settle);
    });
  }

  subscribe<S extends StreamName>(
    stream: S,
    options: SubscribeOptions,
    handler: (event: ClientEvent<S>) => void,
  ): ClientSubscription {
    // The cast is safe: the server sends only events of S to a subscription of stream S.
    const subscription = new Subscription(stream, options, handler as (event: unknown) => void, (ended) => {
      this.subscriptions.delete(ended);
      if (ended.sub === null) return;
      this.bySub.delete(ended.sub);
      this.request({ type: 'unsubscribe', sub: ended.sub }).catch(() => {});
    });
    if (this.state.name === 'closed') {
      subscription.refuse(closedError(this.state));
      return subscription;
    }
    this.subscriptions.add(subscription);
    if (this.state.name === 'open') this.establish(subscription);
    return subscription;
  }

  async marker(label: string): Promise<void> {
    await this.request({ type: 'marker', label });
  }

  ping(): Promise<PingResult> {
    return this.request({ type: 'ping' });
  }

  onNotice(listener: (notice: NoticeMessage) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  onState(listener: (state: ClientState) => void): () => void {
    this.stateListeners.add(listener);
    listener(this.state);
    return () => this.stateListeners.delete(listener);
  }

  close(): void {
    if (this.state.name === 'closed') return;
    const socket = this.detach();
    clearTimeout(this.retry);
    this.enter({ name: 'closed', code: 1000, reason: 'closed by this client' });
    socket?.close(1000);
  }

  private open(): void {
    this.enter({ name: 'connecting' });
    const socket = new this.WebSocket(this.url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.silentBeats = 0;
    this.heartbeat = setInterval(() => this.beat(), this.options.heartbeatMs ?? 10_000);
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.socket) this.receive(data);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket === this.socket) this.lost(code, reason);
    });
    socket.addEventListener('error', () => {}); // a close event with the reason follows
  }

  private receive(data: unknown): void {
    this.silentBeats = 0;
    if (data instanceof ArrayBuffer) {
      const frame = decodeRawFrame(data);
      if (frame !== null) this.bySub.get(frame.sub)?.deliver(frame, this.hello!);
      return;
    }
    const message = parse(String(data));
    switch (message?.type) {
      case 'hello':
        this.hello = message;
        if (message.auth === 'none') this.welcome();
        else if (this.options.token !== undefined) this.transmit({ type: 'auth', token: this.options.token });
        else this.lost(CLOSE_CODE.unauthenticated, 'this server needs a token: connect(url, { token })');
        break;
      case 'auth_ok':
        this.welcome();
        break;
      case 'event':
        this.bySub.get(message.sub)?.deliver(message, this.hello!);
        break;
      case 'result':
        if (message.id !== null) this.replies.get(message.id)?.(message);
        break;
      case 'notice':
        for (const listener of this.noticeListeners) listener(message);
        break;
      case undefined:
        this.lost(1002, 'the server at this address is not affect-edge');
        break;
    }
  }

  private welcome(): void {
    this.attempts = 0;
    for (const subscription of this.subscriptions) this.establish(subscription);
    this.enter({ name: 'open' }); // last, because listeners may subscribe
  }

  private establish(subscription: Subscription): void {
    const settle = (message: ResultMessage | null): void => {
      if (message === null) return; // the connection broke; the next one subscribes again
      if (!message.ok) {
        this.subscriptions.delete(subscription);
        subscription.refuse(new ClientError(message.error));
        return;
      }
      const result = message.result as CommandResults['subscribe'];
      if (subscription.closed) {
        this.request({ type: 'unsubscribe', sub: result.sub }).catch(() => {});
        return;
      }
      this.bySub.set(result.sub, subscription);
      subscription.accept(result);
    };
    this.post(subscription.command(), settle);
  }

  private request<T extends Command['type']>(command: Command & { readonly type: T }): Promise<CommandResults[T]> {
    return new Promise((resolve, reject) => {
      if (this.state.name !== 'open') return reject(new ClientError(NO_CONNECTION));
      this.post(command, (message) => {
        if (message?.ok) resolve(message.result as CommandResults[T]);
        else reject(new ClientError(message?.error ?? NO_CONNECTION));
      });
    });
  }

  private post(command: Command, settle: (message: ResultMessage | null) => void): void {
    const id = ++this.lastId;
    this.replies.set(id, (message) => {
      this.replies.delete(id);
      settle(message);
    });
    this.transmit({ id, ...command });
  }

  private transmit(message: ClientMessage): void {
    this.socket!.send(JSON.stringify(message));
  }

  private beat(): void {
    this.silentBeats++;
    if (this.silentBeats === 2) this.ping().catch(() => {});
    if (this.silentBeats >= 3) this.lost(1006, 'the server does not respond');
  }

  private lost(code: number, reason: string): void {
    const socket = this.detach();
    socket?.close();
    if (FATAL_CODES.includes(code)) {
      this.enter({ name: 'closed', code, reason });
      return;
    }
    const { minBackoffMs = 250, maxBackoffMs = 10_000 } = this.options;
    const retryInMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** this.attempts++) * (0.5 + Math.random() / 2);
    this.retry = setTimeout(() => this.open(), retryInMs);
    this.enter({ name: 'waiting', retryInMs, code, reason });
  }

  /** Drops the connection and everything that belongs to it. */
  private detach(): Socket | null {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.heartbeat);
    for (const subscription of this.subscriptions) subscription.sub = null;
    this.bySub.clear();
    const replies = [...this.replies.values()];
    for (const settle of replies) settle(null);
    return socket;
  }

  private enter(state: ClientState): void {
    this.state = state;
    if (state.name === 'closed') {
      for (const subscription of this.subscriptions) subscription.refuse(closedError(state));
      this.subscriptions.clear();
    }
    // A copy: a listener that is added meanwhile has been called with this state already.
    for (const listener of [...this.stateListeners]) {
      if (this.state === state) listener(state); // a listener may have closed the client
    }
  }
}

function closedError({ code, reason }: { readonly code: number; readonly reason: string }): ClientError {
  return new ClientError({ code, message: reason, retryable: false });
}

/** Null if the text is not JSON: the server is not affect-edge. */
function parse(text: string): JsonServerMessage | null {
  try {
    return JSON.parse(text) as JsonServerMessage | null;
  } catch {
    return null;
  }
}
