/** How rows were held out, in the words of a manifest. */

/** For a model that is trained after a run of folds and served: `what` was held out by `group`. */
export function describeHeldOut(what: 'rows' | 'trials', group: string, seed: number): string {
  return `validation ${what} held out by ${group} with seed ${seed}, all others trained`;
}

/** How many subjects are held out: the last ones test, those before them validate. */
export interface HeldSubjects {
  readonly validation: number;
  readonly test: number;
}

/** Divides subjects 0 to `subjects` - 1. */
export function splitSubjects(subjects: number, held: HeldSubjects) {
  const testFrom = subjects - held.test;
  const validationFrom = testFrom - held.validation;
  return {
    description: `subjects 0 to ${validationFrom - 1} train, ${validationFrom} to ${testFrom - 1} validate, ${testFrom} to ${subjects - 1} test`,
    sideOf(subject: number): 'train' | 'validation' | 'test' {
      if (subject < validationFrom) return 'train';
      return subject < testFrom ? 'validation' : 'test';
    },
  };
}
