// Tells whether dist/ was built after the last change to what it is built from.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Written when a build has succeeded; its modification time is when that build began. */
export const stamp = join(root, 'dist/.built');

const SOURCES = [
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts'],
  ...['src', 'devices', 'training', 'types', 'test/bench', 'test/support'],
];

/** True where dist/ is missing, incomplete or older than one of its sources. */
export function isStale() {
  const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.some((source) => changedSince(join(root, source), built));
}

/** A folder counts as changed when an entry of it was added or removed. */
function changedSince(path, time) {
  const entry = statSync(path);
  if (entry.mtimeMs > time) return true;
  return entry.isDirectory() && readdirSync(path).some((name) => changedSince(join(path, name), time));
}
