/** Commands at both ends of a cable. */
import { type RunningCli, startCli } from './cli.ts';
import { type PtyPair, ptyPair } from './pty.ts';

interface Bench {
  readonly cable: PtyPair;
  /** Ended with the test. */
  start(...args: string[]): RunningCli;
}

/** A test with a cable of its own: what one leaves in the line is no input of the next. */
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
