/** Runs every command and example of the README and docs/, except those that CONTRIBUTING.md lists with the reason. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/main/config.ts';
import { BLOCKS, type Block, commandsOf, EXCEPTIONS, INLINE_COMMANDS } from './documents.ts';
import { replay } from './transcript.ts';
import { checkTypes, registers } from './typescript.ts';
import { Workplace } from './workplace.ts';

/** Many processes share few cores. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const blocksOf = (language: string): Block[] => BLOCKS.filter((block) => block.language === language);
/** Examples that read from a server do not end by themselves. */
const isReader = ({ text }: Block): boolean => text.includes('127.0.0.1');
/** The last file that the text above a block names, and which the block is. */
const fileNamed = ({ before }: Block): string | undefined =>
  [...before.matchAll(/`([\w/.-]+\.(?:ts|json))`/g)].at(-1)?.[1];

const SHOWN = blocksOf('sh').flatMap((block) => commandsOf(block).map(({ text }) => text));
const READERS = [...blocksOf('js'), ...blocksOf('python').filter(isReader)];
const PROGRAMS = blocksOf('python').filter((block) => !isReader(block));

describe('the documents', () => {
  it('show blocks only of the languages that are run or checked below', () => {
    const languages = new Set(BLOCKS.map(({ language }) => language));
    expect([...languages].sort()).toEqual(['js', 'json', 'python', 'sh', 'text', 'ts']);
  });

  it('show every command that the list of exceptions names', () => {
    const shown = [...SHOWN, ...INLINE_COMMANDS];
    expect(EXCEPTIONS.filter((command) => !shown.includes(command))).toEqual([]);
    expect(EXCEPTIONS.length).toBeGreaterThan(0);
  });

  it.each(blocksOf('json'))('show a configuration that is accepted: $at', ({ text }) => {
    expect(() => loadConfig({ env: {}, flags: JSON.parse(text) })).not.toThrow();
  });

  it('show TypeScript that compiles where they say it belongs, and how it is registered', async () => {
    const blocks = blocksOf('ts').map((block) => ({ ...block, file: fileNamed(block)! }));
    const [lines, modules] = [
      blocks.filter(({ file }) => file.endsWith('/index.ts')),
      blocks.filter(({ file }) => !file.endsWith('/index.ts')),
    ];
    expect(lines.length).toBe(modules.length);
    for (const { file, text } of lines) expect(registers(file, text), `${file}: ${text}`).toBe(true);
    expect(await checkTypes(modules)).toBe('');
  });
});

const MISSING = ['bash --version', 'curl --version', 'socat -V', 'python3 -c "import numpy"'].filter(fails);
const title = 'with devices and a server that are simulated, the documents show';

describe.skipIf(MISSING.length > 0).concurrent(MISSING.length > 0 ? `${title} [skipped: no ${MISSING}]` : title, () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = new Workplace();
    for (const block of blocksOf('json')) workplace.write(fileNamed(block) ?? 'example.json', block.text);
    for (const block of PROGRAMS) await workplace.runProgram(block.text);
    await workplace.ready();
  });
  afterAll(() => workplace.remove());

  it.each(blocksOf('sh'))('commands that work: $at', (block) => workplace.runShell(block, EXCEPTIONS));

  it.each([...new Set(INLINE_COMMANDS)].map((text) => ({ text })))('a command in the text that works: $text', (block) =>
    workplace.runShell(block, EXCEPTIONS),
  );

  it.each(READERS)('$language that reads predictions: $at', (block) => workplace.runReader(block));

  it.each(blocksOf('text'))('messages that the server understands and sends: $at', ({ text }) =>
    replay(text, workplace.url),
  );
});

function fails(script: string): boolean {
  try {
    execFileSync('sh', ['-c', script], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}
