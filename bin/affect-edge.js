#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(entry)) {
  console.error('affect-edge is not built yet. Run `npm run build` (npm ci does it for you), then try again.');
  process.exit(70);
}
await import(entry.href);
