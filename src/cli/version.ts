import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../main/models.ts';

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;
