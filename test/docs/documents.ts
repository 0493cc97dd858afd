/** What the README and docs/ show: fenced blocks, shell commands and the exceptions that CONTRIBUTING.md lists. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  readonly language: string;
  readonly text: string;
  /** The text between the block above, or a heading, and this one. */
  readonly before: string;
  /** "docs/api.md:12" */
  readonly at: string;
}

export interface Command {
  readonly text: string;
  /** Ends with `&` in the document. */
  readonly background: boolean;
}

export const FILES: readonly string[] = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs')).filter((name) => name.endsWith('.md')),
].map((name) => (name === 'README.md' ? name : `docs/${name}`));

export const BLOCKS: readonly Block[] = FILES.flatMap(blocksIn);
/** Commands in the running text and in tables, as `npx affect-edge train --help`. */
export const INLINE_COMMANDS: readonly string[] = [...new Set(FILES.flatMap(inlineCommandsIn))];
/** Commands that no test runs. */
export const EXCEPTIONS: readonly string[] = [...read('CONTRIBUTING.md').matchAll(/^\| `([^`]+)` \| .+ \|$/gm)]
  .map(([, text]) => text!)
  .filter((text) => /^\w+ /.test(text));

export function blocksOf(language: string): Block[] {
  return BLOCKS.filter((block) => block.language === language);
}

/** Whether an example reads from a server, so that it does not end by itself. */
export function isReader({ text }: Block): boolean {
  return text.includes('127.0.0.1');
}

/** The last file that the text above a block names, which is the file that the block shows. */
export function fileNamed({ before }: Block): string | undefined {
  return [...before.matchAll(/`([\w/.-]+\.(?:ts|json))`/g)].at(-1)?.[1];
}

/** The commands of an `sh` block, one per line or between `&&`, without comments. */
export function commandsOf({ text }: Pick<Block, 'text'>): Command[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => line.split(/\s+&&\s+/))
    .map((line) => ({ text: line.replace(/\s*&$/, ''), background: line.endsWith('&') }));
}

function blocksIn(file: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; lines: string[]; line: number } | null = null;
  let before: string[] = [];
  for (const [index, line] of read(file).split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (open === null && fence === null) {
      before = line.startsWith('#') ? [] : [...before, line];
    } else if (open === null) {
      open = { language: fence![1]!, lines: [], line: index + 1 };
    } else if (fence === null) {
      open.lines.push(line);
    } else {
      const { language, lines } = open;
      blocks.push({ language, text: lines.join('\n'), before: before.join('\n'), at: `${file}:${open.line}` });
      open = null;
      before = [];
    }
  }
  if (open !== null) throw new Error(`${file}:${open.line}: the block has no end`);
  return blocks;
}

function inlineCommandsIn(file: string): string[] {
  const text = read(file).replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/`((?:npm|npx|node|python3|curl) [^`]+)`/g)].map(([, command]) => command!);
}

export function read(file: string): string {
  return readFileSync(join(REPOSITORY, file), 'utf8');
}
