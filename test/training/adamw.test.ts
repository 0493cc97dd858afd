import { describe } from 'vitest';
import { AdamW } from '../../training/adamw.ts';
import { itIsTheOptimiser } from './optimiser-support.ts';

describe('AdamW', () => {
  itIsTheOptimiser('adamw', (parameters) => new AdamW(parameters, 0.1));
});
