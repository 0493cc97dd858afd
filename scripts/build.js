// Compiles the TypeScript to dist/ and bundles what browsers load: node scripts/build.js [--if-stale]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { isStale, root, stamp } from './freshness.js';
import { acquireLock } from './lock.js';

process.chdir(root);
mkdirSync('dist', { recursive: true });
// The lock is created when the build begins, so it becomes the stamp of a build that succeeds.
const lock = 'dist/.building';
await acquireLock(lock);
try {
  if (!process.argv.includes('--if-stale') || isStale()) {
    await buildAll();
    renameSync(lock, stamp);
  }
} catch (error) {
  // The compiler and the bundler have printed what is wrong.
  process.exitCode = 1;
  if (error.status === undefined && error.errors === undefined) console.error(error);
} finally {
  rmSync(lock, { force: true });
}

async function buildAll() {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  cpSync('src/server/asyncapi.json', 'dist/src/server/asyncapi.json');

  const browser = { bundle: true, format: 'esm', target: 'es2022', sourcemap: true, logLevel: 'warning' };
  await build({ ...browser, entryPoints: ['src/dashboard/main.ts'], outfile: 'dist/dashboard/main.js', minify: true });
  cpSync('src/dashboard/index.html', 'dist/dashboard/index.html');
  // The client as one file without dependencies, which the server hands out as /client.js.
  await build({ ...browser, entryPoints: ['src/client/index.ts'], outfile: 'dist/dashboard/client.js' });
}
