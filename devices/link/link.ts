export interface LinkListener {
  bytes(bytes: Uint8Array): void;
  /** The link no longer works; `reason` is the end of a sentence. */
  broken(reason: string, cause?: unknown): void;
}

/** An open connection to a device: a serial port or a TCP socket. */
export interface Link {
  /** Starts to pass on what arrives; if the link has already broken, `broken` is called at once. */
  listen(listener: LinkListener): void;
  /** `done` is called once the bytes have left, or at once if the link has broken. */
  write(bytes: Uint8Array, done?: () => void): void;
  /** The listener is not called after this; `done` is called once the link can be opened again. */
  close(done: () => void): void;
}

/** Opens a link; rejects with an `AffectEdgeError` that names the link and what to do. */
export type LinkOpener = (signal: AbortSignal) => Promise<Link>;
