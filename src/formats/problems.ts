/** Problems inside a file: they refuse it, or with `--salvage` become notices. */
import { fileInvalid } from './source-file.ts';

/** `remedy` says what salvage does about the problem, such as "skips the row". */
export type ReportProblem = (problem: string, remedy: string) => void;

/** Problems of one file that get a notice each; the others are counted in one more notice. */
const MAX_NOTICES = 20;

/** The function throws FILE_INVALID at the first problem; with `salvage` it adds to `notices` and returns. */
export function problemReporter(path: string, salvage: boolean | undefined, notices: string[]): ReportProblem {
  let problems = 0;
  let summaryAt = 0;
  return (problem, remedy) => {
    if (!salvage) throw fileInvalid(path, `${problem}. --salvage ${remedy}.`);
    problems++;
    if (problems <= MAX_NOTICES) notices.push(`${problem}: salvage ${remedy}`);
    else if (problems === MAX_NOTICES + 1) summaryAt = notices.push('') - 1;
    if (problems > MAX_NOTICES) notices[summaryAt] = `salvage found ${problems - MAX_NOTICES} more such problems`;
  };
}
