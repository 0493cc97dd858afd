import { describe } from 'vitest';
import { Sgd } from '../../training/sgd.ts';
import { itIsTheOptimiser } from './optimiser-support.ts';

describe('Sgd', () => {
  itIsTheOptimiser('sgd', (parameters) => new Sgd(parameters, 0.9));
});
