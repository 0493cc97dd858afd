export interface LinkListener {
  bytes(bytes: Uint8Array): void;
  /** The other end, or the way to it, is gone; `reason` ends a sentence. */
  broken(reason: string, cause?: unknown): void;
}

/** An open way to a device, as a serial port and a TCP socket both are one. */
export interface Link {
  /** From now on what arrives is handed out; a link that broke before says so at once. */
  listen(listener: LinkListener): void;
  /** `done` is called once the bytes have left, or at once where the link is gone. */
  write(bytes: Uint8Array, done?: () => void): void;
  /** Nothing is told after this; `done` is called once another may open the same link. */
  close(done: () => void): void;
}

/** Opens a link; rejects with an `AffectEdgeError` that names it and the way out. */
export type LinkOpener = (signal: AbortSignal) => Promise<Link>;
