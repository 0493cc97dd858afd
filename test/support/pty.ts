import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';

/** Two serial ports connected by a cable that can be unplugged. */
export interface PtyPair {
  /** The host's end and the device's end; the paths stay the same over `plug`. */
  readonly host: string;
  readonly device: string;
  /** Connects the ends again after `unplug`. */
  plug(): Promise<void>;
  /** Removes both ends, also while they are open. */
  unplug(): Promise<void>;
  remove(): Promise<void>;
}

export async function ptyPair(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), 'affect-edge-pty-'));
  const host = join(folder, 'host');
  const device = join(folder, 'device');
  let socat: ChildProcess | undefined;

  const unplug = async (): Promise<void> => {
    if (!socat) return;
    const gone = once(socat, 'exit');
    socat.kill('SIGKILL');
    socat = undefined;
    await gone;
    rmSync(host, { force: true });
    rmSync(device, { force: true });
  };
  const plug = async (): Promise<void> => {
    await unplug();
    socat = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${host}`, `pty,raw,echo=0,link=${device}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const started = socat;
    await new Promise<void>((ready, failed) => {
      let said = '';
      started.stderr!.on('data', (text: Buffer) => {
        said += text;
        if (said.includes('starting data transfer loop')) ready();
      });
      started.once('exit', () => failed(new Error(`socat ended: ${said}`)));
    });
  };
  await plug();
  const remove = async (): Promise<void> => {
    await unplug();
    rmSync(folder, { recursive: true, force: true });
  };
  return { host, device, plug, unplug, remove };
}

/** A suite that needs socat; it is skipped, with a note in its title, where socat is absent. */
export function describeWithPty(name: string, suite: () => void): void {
  if (hasSocat()) describe(name, suite);
  else describe.skip(`${name} [skipped: socat is absent]`, suite);
}

function hasSocat(): boolean {
  try {
    execFileSync('socat', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
