/** Runs the built command line in a process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/affect-edge.js', import.meta.url));

export interface JsonLine {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface RunningCli {
  /** All lines so far. */
  readonly lines: readonly JsonLine[];
  /** The first line, past or future, that satisfies `wanted`; rejects when the process ends without one. */
  line(wanted: (line: JsonLine) => boolean): Promise<JsonLine>;
  /** The addresses of its `listening` line. */
  listening(): Promise<{ readonly ws: string; readonly http: string }>;
  /** Resolves with the exit code when the process ends by itself. */
  ended(): Promise<number | null>;
  /** Sends SIGINT, as Ctrl-C does, and resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

/** Starts the command line with `args` and --json. */
export function startCli(...args: string[]): RunningCli {
  const child = spawnCli([...args, '--json']);
  const lines: JsonLine[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let closed = false;
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
  const end = once(child, 'close').then(() => {
    closed = true;
    wake();
    return child.exitCode;
  });
  const line = (wanted: (line: JsonLine) => boolean): Promise<JsonLine> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = lines.find(wanted);
        if (found === undefined && !closed) return;
        waiting.delete(check);
        if (found) resolve(found);
        else reject(new Error(`affect-edge ${args.join(' ')} ended: ${JSON.stringify(lines.slice(-3))} ${stderr}`));
      };
      waiting.add(check);
      check();
    });
  return {
    lines,
    line,
    async listening() {
      const { ws, http } = await line(({ event }) => event === 'listening');
      return { ws: String(ws), http: String(http) };
    },
    ended: () => end,
    stop() {
      child.kill('SIGINT');
      return end;
    },
    async kill() {
      child.kill('SIGKILL');
      await end;
    },
  };
}

/** Runs the command line with --json to its end. */
export async function runCli(...args: string[]): Promise<{ code: number | null; lines: JsonLine[]; stderr: string }> {
  const { code, stdout, stderr } = await runPlainCli([...args, '--json']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
}

/** Runs the command line without --json to its end. */
export async function runPlainCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnCli(args, env);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Starts the command line with the tests' environment and `env`, without other AFFECT_EDGE_ variables. */
export function spawnCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('AFFECT_EDGE_'));
  return spawn(process.execPath, [bin, ...args], {
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
