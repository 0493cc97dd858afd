// Compiles the TypeScript to dist/ and bundles what browsers load: node scripts/build.js
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('src/server/asyncapi.json', 'dist/src/server/asyncapi.json');

const browser = { bundle: true, format: 'esm', target: 'es2022', sourcemap: true, logLevel: 'warning' };
await build({ ...browser, entryPoints: ['src/dashboard/main.ts'], outfile: 'dist/dashboard/main.js', minify: true });
cpSync('src/dashboard/index.html', 'dist/dashboard/index.html');
// The client as one file without dependencies, which the server hands out as /client.js.
await build({ ...browser, entryPoints: ['src/client/index.ts'], outfile: 'dist/dashboard/client.js' });
