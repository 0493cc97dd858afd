/** A temporary folder in which the commands and examples of all documents run, beside one simulated server. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type PtyPair, ptyPair } from '../support/pty.ts';
import { type Block, type Command, commandsOf, REPOSITORY } from './documents.ts';
import { type Running, start } from './processes.ts';

const CLI = `'${process.execPath}' '${join(REPOSITORY, 'bin/affect-edge.js')}'`;
/** The port of the server in the documents. */
const DOCUMENTED_PORT = '8600';
const LABEL = /\b(negative|neutral|positive)[ \n]/;

/** What a block started, to be ended with it. */
interface Bench {
  readonly folder: string;
  readonly running: Running[];
  readonly cables: PtyPair[];
}

export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'affect-edge-docs-'));
  private readonly server: Running;
  /** All processes, so that none outlives a test that timed out. */
  private readonly started: Running[] = [];
  private port = '';
  private readers = 0;
  /** A command that several documents show runs once. */
  private readonly runs = new Map<string, Promise<void>>();
  /** The commands that write a file or folder, by its name. */
  private readonly makers = new Map<string, Promise<void>>();

  constructor() {
    const modules = join(this.folder, 'node_modules');
    mkdirSync(modules);
    symlinkSync(join(REPOSITORY, 'node_modules/ws'), join(modules, 'ws'));
    symlinkSync(REPOSITORY, join(modules, 'affect-edge'));
    for (const name of ['cert.pem', 'key.pem']) {
      copyFileSync(join(REPOSITORY, 'test/support/tls', name), join(this.folder, name));
    }
    this.server = this.start('exec npm start', REPOSITORY);
  }

  /** The server that `npm start` runs, once it delivers samples. */
  async ready(): Promise<void> {
    const printed = await this.server.until(deliversFrom(1));
    this.port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)![1]!;
    this.runs.set('npm start', Promise.resolve());
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/stream`;
  }

  async remove(): Promise<void> {
    await this.server.interrupt();
    await Promise.all(this.started.map((running) => running.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text.replaceAll(DOCUMENTED_PORT, this.port || '0'));
    return path;
  }

  /** Runs the commands of an `sh` block except those in `exceptions`; `npm install` must be one of them. */
  async runShell(block: Pick<Block, 'text'>, exceptions: readonly string[]): Promise<void> {
    const bench: Bench = { folder: mkdtempSync(join(this.folder, 'block-')), running: [], cables: [] };
    const tcpPort = await freePort();
    const placed = (text: string) =>
      text.replaceAll('/tmp/', `${bench.folder}/`).replaceAll('4242', tcpPort).replaceAll(DOCUMENTED_PORT, this.port);
    try {
      for (const command of commandsOf(block)) {
        if (exceptions.includes(command.text)) continue;
        // It would change the packages that the workplace links to.
        if (/^npm (ci|install|i)\b/.test(command.text)) throw new Error(`list it as an exception: ${command.text}`);
        if (command.background) bench.running.push(await this.startBehind(placed(command.text)));
        else if (placed(command.text) !== command.text) await this.runInFront(placed(command.text), bench);
        else await this.runOnce(command, bench);
      }
    } finally {
      for (const running of bench.running) await running.kill();
      for (const cable of bench.cables) await cable.remove();
    }
  }

  /** Runs a Python program to its end. */
  async runProgram(text: string): Promise<void> {
    await this.start(`exec python3 '${this.write('program.py', text)}'`).succeeded();
  }

  /** Runs an example that reads from the server until it prints a predicted label. */
  async runReader({ language, text }: Block): Promise<void> {
    if (text.includes('./client.js')) await this.makers.get('client.js'); // the command above the example saves it
    const [interpreter, extension] = language === 'js' ? [`'${process.execPath}'`, 'mjs'] : ['python3', 'py'];
    const file = this.write(`reader-${this.readers++}.${extension}`, text);
    const reader = this.start(`exec ${interpreter} '${file}'`);
    try {
      await reader.until((printed) => LABEL.test(printed));
    } finally {
      await reader.kill();
    }
  }

  private start(script: string, folder = this.folder): Running {
    const running = start(script, folder);
    this.started.push(running);
    return running;
  }

  private runOnce({ text }: Command, bench: Bench): Promise<void> {
    const run = this.runs.get(text) ?? this.runInFront(text, bench);
    this.runs.set(text, run);
    return run;
  }

  private runInFront(text: string, bench: Bench): Promise<void> {
    const words = text.split(' ');
    const needed = words.flatMap((word) => this.makers.get(word) ?? []);
    const run = Promise.all(needed).then(() =>
      /^(npm start|npx affect-edge (serve|demo))\b/.test(text) ? this.serve(words, bench) : this.toItsEnd(text),
    );
    for (const name of outputsOf(words)) this.makers.set(name, run);
    return run;
  }

  private toItsEnd(text: string): Promise<void> {
    const script = text.replace(/^npx affect-edge/, CLI).replace(/^curl/, 'curl --silent --show-error --fail');
    return this.start(`exec ${script}`).succeeded();
  }

  /** Runs a server until its devices deliver samples, and ends it as Ctrl-C does. */
  private async serve(words: readonly string[], bench: Bench): Promise<void> {
    const connected = await this.connect(words, bench);
    const isNpm = words[0] === 'npm';
    const script = connected.join(' ').replace('npx affect-edge', CLI);
    const server = this.start(`exec ${script}`, isNpm ? REPOSITORY : this.folder);
    bench.running.push(server);
    await server.until(deliversFrom(words.includes('--eye-device') ? 2 : 1));
    await server.interrupt();
    if (!isNpm) await server.succeeded(); // npm itself ends by the signal
  }

  /** Plays the devices that a `serve` names, and says where they are instead. */
  private async connect(words: readonly string[], bench: Bench): Promise<string[]> {
    const connected = [...words];
    for (const [at, word] of words.entries()) {
      if (/^\/dev\/tty/.test(word)) {
        const cable = await ptyPair();
        bench.cables.push(cable);
        bench.running.push(await this.startBehind(`npx affect-edge simulate ${twinOf(words)} --port ${cable.device}`));
        connected[at] = cable.host;
      } else if (word === '192.168.1.20') {
        const port = await freePort();
        bench.running.push(await this.startBehind(`npx affect-edge simulate --device gazepoint --port ${port}`));
        connected[at] = `127.0.0.1 ${words[at - 1]!.replace('host', 'port')} ${port}`;
      }
    }
    return connected;
  }

  private async startBehind(text: string): Promise<Running> {
    const running = this.start(`exec ${text.replace(/^npx affect-edge/, CLI)}`);
    if (text.startsWith('socat')) {
      const links = [...text.matchAll(/link=([^ ,]+)/g)].map(([, path]) => path!);
      await vi.waitUntil(() => links.every(existsSync), { timeout: 10_000 });
    } else {
      await running.until((printed) => printed.includes('playing'));
    }
    return running;
  }
}

/** True once so many devices have described themselves to a server that is listening. */
function deliversFrom(devices: number): (printed: string) => boolean {
  return (printed) => printed.includes('is listening on') && (printed.match(/ channels at /g) ?? []).length >= devices;
}

/** The flags of `simulate` for the device on the serial port of a `serve`. */
function twinOf(words: readonly string[]): string {
  const device = words[words.indexOf('--device') + 1]!;
  const model = words[words.indexOf('--model') + 1]!;
  const modality = /\b(?:demo-)?(eye|eog)/.exec(model)?.[1];
  return `--device ${device}${device === 'biosignal' && modality !== undefined ? ` --modality ${modality}` : ''}`;
}

/** The files and folders that a command writes. */
function outputsOf(words: readonly string[]): string[] {
  const flagged = words.filter((_, at) => words[at - 1] === '--out' || words[at - 1] === '--export');
  const saved = words.filter((_, at) => words[at - 1] === '-O').map((url) => url.split('/').at(-1)!);
  return [...flagged, ...saved];
}

async function freePort(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}
