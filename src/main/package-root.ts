import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The package's root, seen from dist/src/main as well as from src/main. */
export const packageRoot =
  [resolve(here, '../..'), resolve(here, '../../..')].find((dir) => existsSync(join(dir, 'package.json'))) ?? here;

/** Where the built dashboard lies. */
export const dashboardDir = join(packageRoot, 'dist/dashboard');

/** `models/NAME` means the working folder's first, then the one that ships with the package. */
export function resolveModelDir(dir: string): string {
  const own = resolve(dir);
  const shipped = resolve(packageRoot, dir);
  return !existsSync(own) && existsSync(shipped) ? shipped : own;
}
