import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';

const root = process.env['AFFECT_EDGE_TEST_DATA'];

/** A file or folder of the shared test data; only valid inside `describeWithData`. */
export function testData(...parts: string[]): string {
  return join(root ?? '', ...parts);
}

/** A suite that reads `folder` of AFFECT_EDGE_TEST_DATA in place; skipped with a note in its title when it is absent. */
export function describeWithData(folder: string, name: string, suite: () => void): void {
  const present = root !== undefined && existsSync(join(root, folder));
  if (present) describe(name, suite);
  else describe.skip(`${name} [skipped: AFFECT_EDGE_TEST_DATA/${folder} is absent]`, suite);
}
