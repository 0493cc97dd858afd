/** The folder of a run: result.json in the end; until then checkpoint.bin, from which it can be taken up again. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AffectEdgeError } from '../../src/errors.ts';
import { makeFolder, writeFileAtomic } from '../../src/formats/write-file.ts';
import { type RunIdentity, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { EpochFigures } from './fit-state.ts';

/** At least this long between two checkpoints of one fold. */
const CHECKPOINT_EVERY_MS = 30_000;

/** `Fold`: what a finished fold comes to; `State`: where training one stands. */
interface RunState<Fold, State> {
  readonly finished: readonly Fold[];
  /** Of the fold that has begun. */
  readonly begun: State | null;
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
   * A new run in a folder of its own, or with `resume` the one that was interrupted there.
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

  /** Of the fold that is to be trained next; null where it has not begun. */
  get begun(): State | null {
    return this.#begun;
  }

  /** Of all its sittings. */
  seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** With which the next fold is trained. */
  hooks(signal: AbortSignal | undefined) {
    const keep = (state: State | null) => this.#keep(state);
    return {
      resume: this.#begun ?? undefined,
      signal,
      onEpoch: async (_: EpochFigures, save: () => Promise<State>): Promise<void> => {
        if (performance.now() - this.#written >= CHECKPOINT_EVERY_MS) await keep(await save());
      },
      onInterrupt: async (save: () => Promise<State>): Promise<void> => keep(await save()),
    };
  }

  /** The fold that had begun is trained: the next one starts anew. */
  trained(): void {
    this.#begun = null;
  }

  async add(fold: Fold): Promise<void> {
    this.finished.push(fold);
    await this.#keep(null);
  }

  /** The whole file or none. Throws DISK_FULL. */
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
