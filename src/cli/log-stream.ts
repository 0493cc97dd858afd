/**
 * Writes the lines of a service's log without ever blocking or ending the service: a full disk, a pipe whose reader has
 * ended or stalls, and a terminal that has gone cost lines, which are counted and reported once writing works again.
 */
import { write } from 'node:fs';

/** Unwritten text beyond this is dropped, in characters. */
const LONGEST_BACKLOG = 256 * 1024;
const RETRY_MS = 100;

export class LogStream {
  readonly #fd: number;
  #waiting: string[] = [];
  #length = 0;
  #isWriting = false;
  #unreported = 0;
  #dropped = 0;
  #idle: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** One or more whole lines. */
  write(text: string): void {
    if (this.#length + text.length > LONGEST_BACKLOG) {
      this.#drop(text);
      return;
    }
    this.#waiting.push(text);
    this.#length += text.length;
    if (!this.#isWriting) this.#next();
  }

  /** Resolves when everything is written or `ms` have passed. */
  async flush(ms: number): Promise<void> {
    if (!this.#isWriting) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#idle.push(resolve)),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      }),
    ]);
    clearTimeout(timer);
  }

  #next(): void {
    const text = this.#waiting.shift();
    this.#isWriting = text !== undefined;
    if (text === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const reported = this.#unreported;
    const report = reported > 0 ? `${reported} lines of the log were dropped\n` : '';
    this.#put(Buffer.from(report + text), text, reported);
  }

  /** A write to a stalled pipe waits in the thread pool, one at a time. */
  #put(bytes: Buffer, text: string, reported: number): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#put(bytes, text, reported), RETRY_MS).unref();
        return;
      }
      if (error === null && written < bytes.length) {
        this.#put(bytes.subarray(written), text, reported);
        return;
      }
      this.#length -= text.length;
      if (error === null) this.#unreported -= reported;
      else this.#drop(text);
      this.#next();
    });
  }

  #drop(text: string): void {
    const lines = text.split('\n').length - 1;
    this.#unreported += lines;
    this.#dropped += lines;
  }
}
