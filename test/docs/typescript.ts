/** Checks TypeScript that a document shows, as if it were a file of the repository. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { REPOSITORY } from './documents.ts';

interface Module {
  /** Where it belongs, from the repository's root. */
  readonly file: string;
  readonly text: string;
}

/** What the compiler has against the modules; empty if nothing. */
export async function checkTypes(modules: readonly Module[]): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'affect-edge-types-'));
  try {
    symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    for (const { file, text } of modules) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const compilerOptions = {
      rootDir: '/',
      rootDirs: [REPOSITORY, root],
      noEmit: true,
      incremental: false,
      tsBuildInfoFile: null,
      typeRoots: [join(REPOSITORY, 'node_modules/@types')],
    };
    const files = modules.map(({ file }) => join(root, file));
    const config = { extends: join(REPOSITORY, 'tsconfig.json'), compilerOptions, files, include: [] };
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(config));
    return await output(process.execPath, [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '-p', root]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Whether `line` has the form of the entries that the registry `file` has for its other modules. */
export function registers(file: string, line: string): boolean {
  const name = /^\w+/.exec(line)![0];
  const registry = readFileSync(join(REPOSITORY, file), 'utf8');
  const others = [...registry.matchAll(/import\('\.\/([\w-]+)\.ts'\)/g)].map(([, other]) => basename(other!));
  const formOf = (entry: string): string => line.replaceAll(name, entry).replaceAll(capital(name), capital(entry));
  return others.some((other) => registry.includes(formOf(other)));
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) =>
      resolve(error === null ? '' : `${stdout}${stderr}` || error.message),
    );
  });
}
