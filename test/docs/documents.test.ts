import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/main/config.ts';
import { BLOCKS, blocksOf, commandsOf, EXCEPTIONS, FILES, INLINE_COMMANDS, REPOSITORY, read } from './documents.ts';

describe('commandsOf', () => {
  it('gives one command per line and between &&, without comments', () => {
    const text = 'npm ci && npm start   # a comment\n\n# another\ncurl -O http://127.0.0.1/#top\nsocat a b &\n';
    expect(commandsOf({ text })).toEqual([
      { text: 'npm ci', background: false },
      { text: 'npm start', background: false },
      { text: 'curl -O http://127.0.0.1/#top', background: false },
      { text: 'socat a b', background: true },
    ]);
  });
});

describe('the README and docs/', () => {
  it('show only blocks of languages that commands.long.test.ts runs or checks', () => {
    const languages = new Set(BLOCKS.map(({ language }) => language));
    expect([...languages].sort()).toEqual(['js', 'json', 'python', 'sh', 'text', 'ts']);
  });

  it('show every command that CONTRIBUTING.md lists as an exception', () => {
    const shown = [...blocksOf('sh').flatMap((block) => commandsOf(block).map(({ text }) => text)), ...INLINE_COMMANDS];
    expect(EXCEPTIONS.length).toBeGreaterThan(0);
    expect(EXCEPTIONS.filter((command) => !shown.includes(command))).toEqual([]);
  });

  it.each(blocksOf('json'))('show configurations that are accepted: $at', ({ text }) => {
    expect(() => loadConfig({ env: {}, flags: JSON.parse(text) })).not.toThrow();
  });

  it('keep the README within 120 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  it.each([...FILES, 'CONTRIBUTING.md'])('link only to files and headings that exist: %s', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    const broken = links.filter(([, path, heading]) => {
      const target = path === '' ? file : join(dirname(file), path!);
      if (!existsSync(join(REPOSITORY, target))) return true;
      return heading !== undefined && !anchorsOf(target).includes(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it.each([...FILES, 'CONTRIBUTING.md'])('name only files of the repository that exist: %s', (file) => {
    const named = [...read(file).matchAll(/`((?:src|devices|test|scripts)\/[\w/.-]+)`/g)].map(([, path]) => path!);
    expect(named.filter((path) => !path.includes('NAME') && !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });
});

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}
