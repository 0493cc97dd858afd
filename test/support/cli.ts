/** Runs the built command line as a user's shell would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/affect-edge.js', import.meta.url));

export interface JsonLine {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface RunningCli {
  readonly process: ChildProcess;
  /** The first line, now or later, that satisfies `wanted`; rejects where the process ends without one. */
  line(wanted: (line: JsonLine) => boolean): Promise<JsonLine>;
  /** Ends it as Ctrl-C does and resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `args` with --json; the environment of the tests, without any AFFECT_EDGE_ setting. */
export function startCli(...args: string[]): RunningCli {
  const child = spawn(process.execPath, [bin, ...args, '--json'], {
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: JsonLine[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let ended = false;
  const wake = (): void => {
    for (const check of waiting) check();
  };
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text));
    wake();
  });
  child.on('close', () => {
    ended = true;
    wake();
  });
  return {
    process: child,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = lines.find(wanted);
          if (found === undefined && !ended) return;
          waiting.delete(check);
          if (found) resolve(found);
          else reject(new Error(`affect-edge ${args.join(' ')} ended: ${JSON.stringify(lines.slice(-3))} ${stderr}`));
        };
        waiting.add(check);
        check();
      }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}

/** To the end: exit code, JSON lines, stderr. */
export async function runCli(...args: string[]): Promise<{ code: number | null; lines: JsonLine[]; stderr: string }> {
  const child = spawn(process.execPath, [bin, ...args, '--json'], {
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const [code] = await once(child, 'close');
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
}

function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AFFECT_EDGE_')));
}
