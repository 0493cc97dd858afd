/** Builds the demo bundles of all systems. */
import { join } from 'node:path';
import { buildCmcrdDemo, CMCRD_DEMOS, type CmcrdDemo } from './cmcrd/demo.ts';
import { buildEogDemo, EOG_DEMO, type EogDemo } from './eog/demo.ts';
import { startBackend } from './tf/backend.ts';

const DEMOS: readonly (CmcrdDemo | EogDemo)[] = [...CMCRD_DEMOS, EOG_DEMO];

interface BuildOptions {
  /** The folder that gets a folder per bundle. */
  readonly out: string;
  readonly codeVersion: string;
  readonly log: (line: string) => void;
  readonly demos?: readonly (CmcrdDemo | EogDemo)[];
}

/** Returns the bundles' folders. Throws BACKEND_FAILED, DISK_FULL, FILE_INVALID. */
export async function buildModels({ out, codeVersion, log, demos = DEMOS }: BuildOptions): Promise<string[]> {
  const backend = await startBackend();
  for (const { name, reason } of backend.refused) log(`backend ${name} is not used: ${reason}`);
  log(`backend ${backend.name}`);
  const build = { codeVersion, backend: backend.name, log };
  for (const demo of demos) {
    const folder = join(out, demo.id);
    if (demo.system === 'cmcrd') await buildCmcrdDemo(demo, folder, build);
    else await buildEogDemo(demo, folder, build);
  }
  return demos.map(({ id }) => join(out, id));
}
