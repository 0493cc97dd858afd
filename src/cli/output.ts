/** One way to speak: JSON lines for machines on stdout, sentences for people; diagnostics go to stderr. */
import { isAffectEdgeError, messageOf } from '../errors.ts';

export interface Output {
  /** A result or a state: one JSON object a line, or the sentence. */
  event(event: { readonly event: string } & Record<string, unknown>, sentence: string): void;
  /** What only machines want to know on the way, on stdout. */
  detail(event: { readonly event: string } & Record<string, unknown>): void;
  /** What a person wants to know on the way; machines get it on stderr. */
  note(sentence: string): void;
  /** Where a long work stands: one line that is written over on a terminal, nothing elsewhere. */
  progress(sentence: string): void;
  error(error: unknown): void;
}

const CLEAR_LINE = '\r\x1b[K';

export function createOutput(json: boolean): Output {
  // Whoever read the lines has gone (`| head`): that is an end, not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  let overwritable = false;
  /** What comes next must not stand behind the line that is written over. */
  const clear = (): void => {
    if (overwritable) process.stderr.write(CLEAR_LINE);
    overwritable = false;
  };
  const print = (line: string): void => {
    clear();
    process.stdout.write(`${line}\n`);
  };
  return {
    event: (event, sentence) => print(json ? JSON.stringify(event) : sentence),
    detail: (event) => {
      if (json) print(JSON.stringify(event));
    },
    note: (sentence) => {
      clear();
      process.stderr.write(`${sentence}\n`);
    },
    progress: (sentence) => {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`${CLEAR_LINE}${sentence}`);
      overwritable = true;
    },
    error: (error) => {
      clear();
      const code = isAffectEdgeError(error) ? error.code : 'INTERNAL';
      if (json) print(JSON.stringify({ event: 'error', code, message: messageOf(error) }));
      else process.stderr.write(`affect-edge: ${messageOf(error)} [${code}]\n`);
      if (code === 'INTERNAL' && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    },
  };
}
