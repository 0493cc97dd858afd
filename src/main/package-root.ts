import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The package's root folder; this file may be in dist/src/main or in src/main. */
export const packageRoot =
  [resolve(here, '../..'), resolve(here, '../../..')].find((dir) => existsSync(join(dir, 'package.json'))) ?? here;

/** Folder of the built dashboard. */
export const dashboardDir = join(packageRoot, 'dist/dashboard');

/** `models/NAME` in the working folder, or else the bundle of this name that ships with the package. */
export function resolveModelDir(dir: string): string {
  const own = resolve(dir);
  const shipped = resolve(packageRoot, dir);
  return !existsSync(own) && existsSync(shipped) ? shipped : own;
}
