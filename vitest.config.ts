import { defineConfig } from 'vitest/config';

/** TensorFlow.js recommends packages and reports its platform on the console; neither concerns a test. */
const TENSORFLOW_NOTICES = /looks like you are running TensorFlow\.js|already registered|Platform node has already/;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/fast-check.ts'],
    reporters: ['default', './test/support/progress-reporter.ts'],
    onConsoleLog: (text) => !TENSORFLOW_NOTICES.test(text),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // By default one core is left free, so that two cores run one worker.
    maxWorkers: '100%',
  },
});
