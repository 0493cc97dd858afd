/** The folder of a run: result.json when it is finished; until then checkpoint.bin, from which it can be resumed. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AffectEdgeError } from '../../src/errors.ts';
import { makeFolder, writeFileAtomic } from '../../src/formats/write-file.ts';
import { type RunIdentity, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainingHooks } from './epochs.ts';

/** Shortest time between two checkpoints of one fold. */
const CHECKPOINT_EVERY_MS = 30_000;

/** `Fold`: result of a finished fold; `State`: training state of an unfinished one. */
interface RunState<Fold, State> {
  readonly finished: readonly Fold[];
  /** State of the fold that has begun; null where none has. */
  readonly begun: State | null;
  /** Time spent so far. */
  readonly seconds: number;
}

export class RunFolder<Fold, State> {
  readonly finished: Fold[];
  readonly #out: string;
  readonly #path: string;
  readonly #identity: RunIdentity;
  readonly #secondsBefore: number;
  readonly #started = performance.now();
  #begun: State | null;
  #written = this.#started;

  /**
   * A new run in an unused folder, or with `resume` the one that was interrupted there.
   * Throws CONFIG_INVALID where the folder holds another run, FILE_NOT_FOUND, FILE_INVALID, DISK_FULL.
   */
  static async open<Fold, State>(out: string, resume: boolean, identity: RunIdentity): Promise<RunFolder<Fold, State>> {
    const path = join(out, 'checkpoint.bin');
    const state = resume ? await readCheckpoint<RunState<Fold, State>>(path, identity) : await begin<Fold, State>(out);
    return new RunFolder(out, path, identity, state);
  }

  private constructor(out: string, path: string, identity: RunIdentity, before: RunState<Fold, State>) {
    this.#out = out;
    this.#path = path;
    this.#identity = identity;
    this.finished = [...before.finished];
    this.#begun = before.begun;
    this.#secondsBefore = before.seconds;
  }

  /** State of the next fold to train; null where it has not begun. */
  get begun(): State | null {
    return this.#begun;
  }

  /** Time of the run, over all times it was resumed. */
  seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Hooks to train the next fold with: they write checkpoints, after each epoch was reported. */
  hooks<Figures>(report: (figures: Figures) => void, signal: AbortSignal | undefined): TrainingHooks<State, Figures> {
    return {
      resume: this.#begun ?? undefined,
      signal,
      onEpoch: async (figures, save) => {
        report(figures);
        if (performance.now() - this.#written >= CHECKPOINT_EVERY_MS) await this.#keep(await save());
      },
      onInterrupt: async (save) => this.#keep(await save()),
    };
  }

  /** The fold that had begun is trained, so the next one starts from the beginning. */
  trained(): void {
    this.#begun = null;
  }

  async add(fold: Fold): Promise<void> {
    this.finished.push(fold);
    await this.#keep(null);
  }

  /** Writes the whole file or nothing. Throws DISK_FULL. */
  async write(name: string, text: string): Promise<void> {
    await writeFileAtomic(join(this.#out, name), text);
  }

  async finish(result: object): Promise<void> {
    await this.write('result.json', `${JSON.stringify(result, null, 1)}\n`);
    await rm(this.#path, { force: true });
  }

  async #keep(begun: State | null): Promise<void> {
    const state = { finished: this.finished, begun, seconds: this.seconds() };
    await writeCheckpoint<RunState<Fold, State>>(this.#path, { identity: this.#identity, state });
    this.#written = performance.now();
  }
}

async function begin<Fold, State>(out: string): Promise<RunState<Fold, State>> {
  const taken = ['result.json', 'checkpoint.bin'].find((name) => existsSync(join(out, name)));
  if (taken !== undefined) {
    const way = taken === 'result.json' ? 'choose another --out' : 'go on with --resume, or choose another --out';
    throw new AffectEdgeError('CONFIG_INVALID', `${out} already holds a run (${taken}); ${way}`);
  }
  await makeFolder(out);
  return { finished: [], begun: null, seconds: 0 };
}
