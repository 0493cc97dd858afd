import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EogTrial, windowsOf } from '../../../training/eog/recordings.ts';
import { eogDeployment, eogFolds } from '../../../training/eog/split.ts';
import { planEpoch } from '../../../training/eog/step-plan.ts';
import { toneTrials } from '../../support/eog-trials.ts';

const CONFIG = { protocol: 'trial', folds: 3, target: 'valence' } as const;
const subjectsOf = (trials: readonly EogTrial[]) => new Set(trials.map(({ subject }) => subject));
const shared = <T>(a: Iterable<T>, b: Iterable<T>) => [...a].filter((item) => new Set(b).has(item));

describe('folds', () => {
  const shape = fc.record({
    subjects: fc.integer({ min: 4, max: 6 }),
    trials: fc.integer({ min: 8, max: 13 }),
    folds: fc.integer({ min: 2, max: 3 }),
    protocol: fc.constantFrom('trial' as const, 'subject' as const),
    seed: fc.nat(),
  });

  it('test every trial once, and share no trial, and across subjects no person', () => {
    fc.assert(
      fc.property(shape, ({ subjects, trials, folds, protocol, seed }) => {
        const data = toneTrials({ subjects, trials, windows: 1 });
        const made = eogFolds(data.trials, { ...CONFIG, folds, protocol }, seed);
        expect(made).toHaveLength(folds);
        expect(new Set(made.flatMap(({ test }) => test))).toEqual(new Set(data.trials));
        expect(made.flatMap(({ test }) => test)).toHaveLength(data.trials.length);
        for (const { train, validation, test } of made) {
          expect(train.length + validation.length + test.length).toBe(data.trials.length);
          expect([...shared(train, validation), ...shared(train, test), ...shared(validation, test)]).toEqual([]);
          const [learns, chooses, tests] = [train, validation, test].map(subjectsOf) as [
            Set<number>,
            Set<number>,
            Set<number>,
          ];
          if (protocol === 'subject') {
            expect([...shared(learns, chooses), ...shared(learns, tests), ...shared(chooses, tests)]).toEqual([]);
          } else {
            for (const side of [learns, chooses, tests]) expect(side.size).toBe(subjects);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('come again with their seed alone', () => {
    const { trials } = toneTrials({ subjects: 4, trials: 9, windows: 1 });
    expect(eogFolds(trials, CONFIG, 7)).toEqual(eogFolds(trials, CONFIG, 7));
    expect(eogFolds(trials, CONFIG, 7)).not.toEqual(eogFolds(trials, CONFIG, 8));
  });

  it.each([
    [
      'too few subjects',
      { subjects: 2, trials: 9 },
      { protocol: 'subject', folds: 2 },
      /2 subjects for 2 folds.*take the other protocol/,
    ],
    [
      'folds that test too many at once',
      { subjects: 3, trials: 9 },
      { protocol: 'subject', folds: 2 },
      /3 subjects for 2 folds.*more folds/,
    ],
    [
      'more folds than subjects',
      { subjects: 4, trials: 9 },
      { protocol: 'subject', folds: 5 },
      /4 subjects for 5 folds.*fewer folds/,
    ],
    ['more folds than trials', { subjects: 2, trials: 4 }, { folds: 5 }, /4 trials of subject 1 for 5 folds/],
  ] as const)('are refused for %s', (_, { subjects, trials }, changes, message) => {
    const data = toneTrials({ subjects, trials, windows: 1 });
    const refused = expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) });
    expect(() => eogFolds(data.trials, { ...CONFIG, ...changes }, 1)).toThrow(refused);
  });

  it('are refused where a level is missing', () => {
    const { trials } = toneTrials({ subjects: 3, trials: 6, windows: 1 });
    const low = trials.map((trial) => ({ ...trial, high: { valence: false, arousal: true } }));
    expect(() => eogFolds(low, CONFIG, 1)).toThrow(/fold 1 has no trial of high valence to train on/);
    expect(() => eogFolds(low, { ...CONFIG, target: 'arousal' }, 1)).toThrow(/no trial of low arousal/);
  });

  it('leave nothing out of what is served', () => {
    const { trials } = toneTrials({ subjects: 4, trials: 10, windows: 1 });
    for (const protocol of ['trial', 'subject'] as const) {
      const { train, validation } = eogDeployment(trials, { ...CONFIG, protocol }, 1);
      expect(train.length + validation.length).toBe(trials.length);
      expect(shared(train, validation)).toEqual([]);
      expect(validation.length).toBe(protocol === 'trial' ? 4 * 2 : 10);
    }
  });
});

describe('an epoch', () => {
  it('teaches windows once and asks of other trials', () => {
    const { trials } = toneTrials({ subjects: 3, trials: 5, windows: 4 });
    const plan = planEpoch(trials, 'valence', 4, ['epoch', 1]);
    const support = plan.flatMap((step) => step.support);
    const known = new Set(windowsOf(trials, 'valence').map(({ eog }) => eog));
    const keys = support.map(({ eog }) => eog);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(known).toContain(key);
    // 15 trials of 4 windows are halves of 8 and 7 trials, and so full batches of 4.
    expect(keys).toHaveLength(60);
    for (const { support, query } of plan) {
      expect([support.length, query.length]).toEqual([4, 4]);
      expect(
        shared(
          support.map(({ trial }) => trial),
          query.map(({ trial }) => trial),
        ),
      ).toEqual([]);
    }
    expect(planEpoch(trials, 'valence', 4, ['epoch', 1])).toEqual(plan);
    expect(planEpoch(trials, 'valence', 4, ['epoch', 2])).not.toEqual(plan);
  });

  it('needs a batch in either half', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 3, windows: 4 });
    expect(() => planEpoch(trials, 'valence', 5, [])).toThrow(
      /3 training trials give 4 windows in one of their halves, fewer than a batch of 5/,
    );
  });
});
