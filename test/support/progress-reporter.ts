/** Prints the running test files and tests whenever nothing has been printed for 8 s. */
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

const QUIET_MS = 8000;
const TICK_MS = 500;

export default class ProgressReporter implements Reporter {
  readonly #files = new Set<string>();
  /** Start times by test, in milliseconds. */
  readonly #tests = new Map<TestCase, number>();
  #startedAt = 0;
  #printedAt = 0;
  #vitest: Vitest | undefined;
  #timer: NodeJS.Timeout | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    this.#startedAt = Date.now();
    this.#printedAt = this.#startedAt;
    this.#timer = setInterval(() => this.#printWhenQuiet(), TICK_MS);
    this.#timer.unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#files.add(module.relativeModuleId);
  }

  /** The default reporter prints a line for each file that ends. */
  onTestModuleEnd(module: TestModule): void {
    this.#files.delete(module.relativeModuleId);
    this.#printedAt = Date.now();
  }

  onTestCaseReady(test: TestCase): void {
    this.#tests.set(test, Date.now());
  }

  onTestCaseResult(test: TestCase): void {
    this.#tests.delete(test);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
  }

  #printWhenQuiet(): void {
    const now = Date.now();
    if (now - this.#printedAt < QUIET_MS) return;
    this.#printedAt = now;
    const tests = [...this.#tests].map(([test, since]) => `${test.fullName} (${seconds(now - since)})`);
    const running = [...this.#files, ...tests].join(', ') || 'no test yet, building or collecting';
    this.#vitest?.logger.log(`${seconds(now - this.#startedAt)}: running ${running}`);
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
