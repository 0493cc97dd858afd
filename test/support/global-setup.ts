import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command-line tests spawn the built product, so the build is made once before any test. */
export default function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.js', import.meta.url))], {
    stdio: 'inherit',
  });
}
