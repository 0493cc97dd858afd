/** All output of the command line: JSON lines or sentences on stdout, diagnostics on stderr. */
import { isAffectEdgeError, messageOf } from '../errors.ts';
import { LogStream } from './log-stream.ts';
import { printable, printableJson } from './printable.ts';

export interface Output {
  /** A result or a state: one line of JSON, or the sentence. */
  event(event: { readonly event: string } & Record<string, unknown>, sentence: string, level?: LogLevel): void;
  /** Progress details for machines: one line of JSON on stdout with --json, else nothing. */
  detail(event: { readonly event: string } & Record<string, unknown>): void;
  /** Information for people, on stderr. */
  note(sentence: string): void;
  /** Progress of a long task: a line that is overwritten on a terminal, nothing elsewhere. */
  progress(sentence: string): void;
  error(error: unknown): void;
}

const CLEAR_LINE = '\r\x1b[K';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where lines go, and what stands before them. */
interface Sink {
  out(line: string): void;
  err(text: string): void;
  /** Text before a sentence. */
  prefix(level: LogLevel): string;
  /** Fields before those of an event. */
  fields(level: LogLevel): object;
}

/** Ends when the reader of the pipe has ended (`| head`), without an error. */
export function createOutput(json: boolean): Output {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  return outputTo(json, {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (text) => process.stderr.write(text),
    prefix: () => '',
    fields: () => ({}),
  });
}

/** The output of a service: lines with time and level, which never block or end it. */
export class ServiceLog {
  readonly #out = new LogStream(1);
  readonly #err = new LogStream(2);
  readonly output: Output;
  #level: LogLevel = 'info';
  #isRunning = false;

  constructor(json: boolean) {
    const isShown = (level: LogLevel) => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#level);
    const now = () => new Date().toISOString();
    const output = outputTo(json, {
      out: (line) => this.#out.write(`${line}\n`),
      err: (text) => this.#err.write(text),
      // A person at a terminal needs no stamps.
      prefix: (level) => (this.#isRunning && !process.stdout.isTTY ? `${now()} ${level} ` : ''),
      fields: (level) => (this.#isRunning ? { time: now(), level } : {}),
    });
    this.output = {
      event: (event, sentence, level = 'info') => {
        if (isShown(level)) output.event(event, sentence, level);
      },
      detail: (event) => {
        if (isShown('debug')) output.detail(event);
      },
      note: (sentence) => {
        if (isShown('warn')) output.note(sentence);
      },
      progress: output.progress,
      error: output.error,
    };
  }

  /** From now on lines have a time and a level. A refusal before is the answer to a command. */
  start(level: LogLevel): void {
    this.#level = level;
    this.#isRunning = true;
  }

  /** Lines that could not be written. */
  get dropped(): number {
    return this.#out.dropped + this.#err.dropped;
  }

  /** Waits for the last lines, but not for a reader that stalls. */
  async end(): Promise<void> {
    await Promise.all([this.#out.flush(LAST_LINES_MS), this.#err.flush(LAST_LINES_MS)]);
  }
}

const LAST_LINES_MS = 500;

function outputTo(json: boolean, { out, err, prefix, fields }: Sink): Output {
  let overwritable = false;
  /** Clears the progress line before other output. */
  const clear = (): void => {
    if (overwritable) err(CLEAR_LINE);
    overwritable = false;
  };
  const print = (line: string): void => {
    clear();
    out(line);
  };
  return {
    event: (event, sentence, level = 'info') =>
      print(json ? printableJson({ ...fields(level), ...event }) : prefix(level) + lines(sentence)),
    detail: (event) => {
      if (json) print(printableJson({ ...fields('debug'), ...event }));
    },
    note: (sentence) => {
      clear();
      err(`${prefix('warn')}${lines(sentence)}\n`);
    },
    progress: (sentence) => {
      if (!process.stderr.isTTY) return;
      err(`${CLEAR_LINE}${printable(sentence)}`);
      overwritable = true;
    },
    error: (error) => {
      clear();
      const code = isAffectEdgeError(error) ? error.code : 'INTERNAL';
      const message = messageOf(error);
      if (json) print(printableJson({ ...fields('error'), event: 'error', code, message }));
      else err(`${prefix('error')}affect-edge: ${printable(message)} [${code}]\n`);
      if (code === 'INTERNAL' && error instanceof Error && error.stack) err(`${lines(error.stack)}\n`);
    },
  };
}

/** Sentences of our own may have several lines. */
function lines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
