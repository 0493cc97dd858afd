/** Resident memory of the product's own process while the simulated amplifier runs and a client takes every stream. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { STREAM_NAMES } from '../../src/api/protocol.ts';
import { connect } from '../../src/client/index.ts';
import { packageRoot } from '../../src/main/package-root.ts';

/** In MiB after `seconds`; null where the system does not tell (no /proc). */
export async function serveMemoryMiB(seconds: number): Promise<number | null> {
  const args = [join(packageRoot, 'bin/affect-edge.js'), 'demo', '--json', '--http-port', '0', '--no-open'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const client = connect(JSON.parse(line).ws, { WebSocket });
    for (const stream of STREAM_NAMES) client.subscribe(stream, { policy: 'all' }, () => {});
    await once(AbortSignal.timeout(seconds * 1000), 'abort');
    client.close();
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Math.round(Number(kib) / 1024);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
}
