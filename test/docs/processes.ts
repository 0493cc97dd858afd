/** Child processes that run what a document shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Running {
  /** Resolves with what was printed so far once `done` accepts it; rejects if the process ends before. */
  until(done: (printed: string) => boolean): Promise<string>;
  /** Resolves once it has ended; rejects unless the exit code is 0. */
  succeeded(): Promise<void>;
  /** Ends it with all its children, as Ctrl-C does. */
  interrupt(): Promise<void>;
  /** Ends it with all its children. */
  kill(): Promise<void>;
}

const OWN = Object.entries(process.env).filter(([name]) => !name.startsWith('AFFECT_EDGE_'));
/** Servers take a free port of this machine and open no browser. */
const ENVIRONMENT = {
  ...Object.fromEntries(OWN),
  AFFECT_EDGE_HTTP_PORT: '0',
  AFFECT_EDGE_LISTEN: '127.0.0.1',
  AFFECT_EDGE_OPEN: 'false',
};

/** `script` is a line of bash. */
export function start(script: string, folder: string): Running {
  // A process group of its own, because npm starts the command as a child.
  const child = spawn('bash', ['-c', script], { cwd: folder, env: ENVIRONMENT, detached: true, stdio: 'pipe' });
  const closed = once(child, 'close');
  let printed = '';
  let wake: () => void = () => {};
  const hear = (data: Buffer): void => {
    printed += data;
    wake();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const failure = (): Error => new Error(`${script}\nended with exit code ${child.exitCode} and printed:\n${printed}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, signal);
    await closed;
  };
  return {
    until: (done) =>
      new Promise((resolve, reject) => {
        wake = () => {
          if (done(printed)) resolve(printed);
        };
        wake();
        closed.then(() => reject(failure()));
      }),
    async succeeded() {
      await closed;
      if (child.exitCode !== 0) throw failure();
    },
    interrupt: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}
