#!/usr/bin/env node
// Starts the command line from dist/. A checkout is built first where dist/ is missing or older than the sources.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const entry = new URL('dist/src/cli/main.js', root);
const isCheckout = existsSync(new URL('tsconfig.build.json', root));
const hasCompiler = existsSync(new URL('node_modules/typescript', root));

if (isCheckout && hasCompiler) {
  const { isStale } = await import('../scripts/freshness.js');
  if (isStale()) build();
} else if (!existsSync(entry)) {
  fail('affect-edge is not built, and the compiler is not installed. Run `npm ci`, then try again.');
}
await import(entry.href);

/** Standard output stays free for what the command prints. */
function build() {
  console.error('Building affect-edge, because dist/ is missing or older than the sources. This takes up to a minute.');
  const script = fileURLToPath(new URL('scripts/build.js', root));
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) fail('The build failed. Correct what is reported above, then try again.');
}

function fail(message) {
  console.error(message);
  process.exit(70);
}
