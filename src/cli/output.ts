/** All output of the command line: JSON lines or sentences on stdout, diagnostics on stderr. */
import { isAffectEdgeError, messageOf } from '../errors.ts';

export interface Output {
  /** A result or a state: one line of JSON, or the sentence. */
  event(event: { readonly event: string } & Record<string, unknown>, sentence: string): void;
  /** Progress details for machines: one line of JSON on stdout with --json, else nothing. */
  detail(event: { readonly event: string } & Record<string, unknown>): void;
  /** Information for people, on stderr. */
  note(sentence: string): void;
  /** Progress of a long task: a line that is overwritten on a terminal, nothing elsewhere. */
  progress(sentence: string): void;
  error(error: unknown): void;
}

const CLEAR_LINE = '\r\x1b[K';

export function createOutput(json: boolean): Output {
  // A reader that closes the pipe (`| head`) ends the command without an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  let overwritable = false;
  /** Clears the progress line before other output. */
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
