/** Runs every command and example of the README and docs/, except those that CONTRIBUTING.md lists with the reason. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksOf, EXCEPTIONS, fileNamed, INLINE_COMMANDS, isReader } from './documents.ts';
import { replay } from './transcript.ts';
import { checkTypes, registers } from './typescript.ts';
import { Workplace } from './workplace.ts';

/** Many processes share few cores. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PYTHON = blocksOf('python');
const READERS = [...blocksOf('js'), ...PYTHON.filter(isReader)];

it('TypeScript in the documents compiles where they say it belongs, and is registered as they say', async () => {
  const blocks = blocksOf('ts').map((block) => ({ ...block, file: fileNamed(block)! }));
  const lines = blocks.filter(({ file }) => file.endsWith('/index.ts'));
  const modules = blocks.filter(({ file }) => !file.endsWith('/index.ts'));
  expect(modules.length).toBeGreaterThan(0);
  expect(lines.length).toBe(modules.length);
  for (const { file, text } of lines) expect(registers(file, text), `${file}: ${text}`).toBe(true);
  expect(await checkTypes(modules)).toBe('');
});

const MISSING = ['bash --version', 'curl --version', 'socat -V', 'python3 -c "import numpy"'].filter(fails);
const SKIPPED = MISSING.length > 0 ? ` [skipped: ${MISSING.join(', ')} fails]` : '';

describe.skipIf(MISSING.length > 0).concurrent(`the documents, with simulated devices${SKIPPED}`, () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = new Workplace();
    for (const block of blocksOf('json')) workplace.write(fileNamed(block) ?? 'example.json', block.text);
    for (const { text } of PYTHON.filter((block) => !isReader(block))) await workplace.runProgram(text);
    await workplace.ready();
  });
  afterAll(() => workplace.remove());

  it.each(blocksOf('sh'))('commands work: $at', (block) => workplace.runShell(block, EXCEPTIONS));

  it.each(INLINE_COMMANDS.map((text) => ({ text })))('a command in the running text works: $text', (command) =>
    workplace.runShell(command, EXCEPTIONS),
  );

  it.each(READERS)('$language reads predictions: $at', (block) => workplace.runReader(block));

  it.each(blocksOf('text'))('the server understands and sends the messages: $at', ({ text }) =>
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
