import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/build.js', import.meta.url));

/** Builds the product once before any test, because the command-line tests spawn it. */
export default async function setup(): Promise<void> {
  console.log('Building dist/');
  const build = spawn(process.execPath, [script], { stdio: 'inherit' });
  const [status] = await once(build, 'exit');
  if (status !== 0) throw new Error('the build failed');
}
