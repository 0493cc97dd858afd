import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogStream } from '../../src/cli/log-stream.ts';
import { printable, printableJson } from '../../src/cli/printable.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('LogStream', () => {
  it('writes lines in order', async () => {
    const path = join(folder, 'log');
    const fd = openSync(path, 'w');
    const log = new LogStream(fd);
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}\n`);
    for (const line of lines) log.write(line);
    await log.flush(10_000);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(log.dropped).toBe(0);
  });

  it('counts the lines that a full disk refuses', async () => {
    const fd = openSync('/dev/full', 'w');
    const log = new LogStream(fd);
    for (let i = 0; i < 20; i++) log.write('one\ntwo\n');
    await log.flush(10_000);
    closeSync(fd);
    expect(log.dropped).toBe(40);
  });

  it('neither blocks nor grows with a reader that stalls, and reports what was dropped once it reads', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDWR);
    const log = new LogStream(fd);
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 1000; i++) log.write(line);
    expect(log.dropped).toBeGreaterThan(500);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const read: string[] = [];
    reader.stdout.on('data', (chunk: Buffer) => read.push(chunk.toString()));
    await log.flush(10_000);
    log.write('back\n');
    await log.flush(10_000);
    closeSync(fd);
    await once(reader, 'close');
    expect(read.join('')).toContain(`${log.dropped} lines of the log were dropped\n`);
  });
});

describe('printable text', () => {
  it('has no control characters, whatever a device or a file holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(JSON.parse(printableJson({ text }))).toEqual({ text });
      }),
    );
    expect(printable('a\x1b[2Jb\n')).toBe('a\\x1b[2Jb\\x0a');
  });
});
