/** The service outlives its log. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/main/package-root.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await once(probe.close(), 'close');
  return port;
}

const command = (port: number, ...more: string[]) => [
  join(packageRoot, 'bin/affect-edge.js'),
  'demo',
  '--no-open',
  ...['--http-port', String(port), ...more],
];

/** The text of /metrics, as soon as it matches. */
async function metrics(port: number, pattern: RegExp): Promise<string> {
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => '',
    );
    if (pattern.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a service whose log can not be written', () => {
  it('goes on with a full disk, and counts the lines', async () => {
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    child = spawn(process.execPath, command(port), { stdio: ['ignore', full, full] });
    await metrics(port, /log_lines_dropped_total [1-9]/);
    await metrics(port, /predictions_total\{state="ok"\} [1-9]/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('goes on after its reader has ended', async () => {
    const port = await freePort();
    child = spawn(process.execPath, command(port, '--json'), { stdio: ['ignore', 'pipe', 'pipe'] });
    const [first] = await once(child.stdout!, 'data');
    expect(JSON.parse(String(first).split('\n')[0]!)).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'info',
      event: 'listening',
    });
    child.stdout!.destroy();
    child.stderr!.destroy();
    await metrics(port, /predictions_total\{state="ok"\} [1-9]/);
    // A terminal that goes away sends SIGHUP.
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
