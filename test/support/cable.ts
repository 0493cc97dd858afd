/** Commands at both ends of a cable. */
import { type RunningCli, startCli } from './cli.ts';
import { type PtyPair, ptyPair } from './pty.ts';

interface Bench {
  readonly cable: PtyPair;
  /** Starts a command, which is stopped at the end of the test. */
  start(...args: string[]): RunningCli;
}

/** A test with its own cable, so that left-over bytes do not reach the next test. */
export function overCable(test: (bench: Bench) => Promise<void>): () => Promise<void> {
  return async () => {
    const cable = await ptyPair();
    const running: RunningCli[] = [];
    const start = (...args: string[]): RunningCli => {
      const cli = startCli(...args);
      running.push(cli);
      return cli;
    };
    try {
      await test({ cable, start });
    } finally {
      await Promise.all(running.map((cli) => cli.stop()));
      await cable.remove();
    }
  };
}
