/** The part of a WebSocket that the client uses. Browsers, Node from version 22 on and the package `ws` have it. */
export interface Socket {
  /** The client sets it to `arraybuffer`. */
  binaryType: string;
  /** Sends a text message. */
  send(data: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Listens to messages. */
  addEventListener(type: 'message', listener: (event: SocketMessage) => void): void;
  /** Listens to the end of the connection. */
  addEventListener(type: 'close', listener: (event: SocketClose) => void): void;
  /** Listens to errors. */
  addEventListener(type: 'error', listener: () => void): void;
}

/** A message, like the browser's `MessageEvent`. */
interface SocketMessage {
  /** A string, or an `ArrayBuffer` for a binary message. */
  data: unknown;
}

/** The end of a connection, like the browser's `CloseEvent`. */
interface SocketClose {
  /** The close code. */
  code: number;
  /** The reason in words; may be empty. */
  reason: string;
}

/** A class like the browser's `WebSocket`. */
export type SocketConstructor = new (url: string, protocols?: string | string[]) => Socket;

/**
 * The WebSocket class of this runtime.
 * @throws Error if the runtime has none (Node 20)
 */
export function defaultSocket(): SocketConstructor {
  const global = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (global === undefined) {
    throw new Error(
      'This runtime has no WebSocket (Node 20): pass one, connect(url, { WebSocket }) with the class of the package ws',
    );
  }
  return global;
}
