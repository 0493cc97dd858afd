/** What the client needs of a WebSocket: browsers, Node >= 22 and the package `ws` all have it. */
export interface Socket {
  binaryType: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

export type SocketConstructor = new (url: string, protocols?: string | string[]) => Socket;

/** The WebSocket class of this runtime, or a refusal that says what to pass. */
export function defaultSocket(): SocketConstructor {
  const global = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (global === undefined) {
    throw new Error(
      'This runtime has no WebSocket (Node 20): pass one, connect(url, { WebSocket }) with the class of the package ws',
    );
  }
  return global;
}
