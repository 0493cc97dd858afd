// Compiles the TypeScript to dist/ and bundles the dashboard page: node scripts/build.js
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

if (existsSync('src/dashboard/main.ts')) {
  mkdirSync('dist/dashboard', { recursive: true });
  await build({
    entryPoints: ['src/dashboard/main.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    outfile: 'dist/dashboard/main.js',
    loader: { '.css': 'css' },
    logLevel: 'warning',
  });
  cpSync('src/dashboard/index.html', 'dist/dashboard/index.html');
}
if (existsSync('src/server/asyncapi.json')) cpSync('src/server/asyncapi.json', 'dist/src/server/asyncapi.json');
