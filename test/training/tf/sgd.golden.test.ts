import { describe } from 'vitest';
import { Sgd } from '../../../training/tf/sgd.ts';
import { itIsTheOptimiser } from '../../support/optimisers.ts';

describe('Sgd', () => {
  itIsTheOptimiser('sgd', (parameters) => new Sgd(parameters, 0.9));
});
