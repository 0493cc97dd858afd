import { Command, Option } from 'commander';
import { AffectEdgeError } from '../../errors.ts';
import { makeFolder } from '../../formats/write-file.ts';
import { parseNumber } from '../../main/parse.ts';
import { EEG62 } from '../../montage.ts';
import { PRESETS, type PresetName } from '../../simulation/presets.ts';
import { parseMontage } from '../montage.ts';
import type { Output } from '../output.ts';
import { createProgress } from '../progress.ts';
import { noteSimulated } from '../simulated.ts';

interface Flags {
  dataset: 'simulated';
  out: string;
  preset: PresetName;
  seed: number | string;
  subjects?: number | string;
  montage?: string[];
}

export function prepareCommand(output: Output): Command {
  return new Command('prepare')
    .description('make a feature table for training: EEG and eye movement of the same windows')
    .addOption(new Option('--dataset <name>', 'where the data come from').choices(['simulated']).makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(
      new Option('--preset <name>', 'how hard the simulated data are')
        .choices(Object.keys(PRESETS))
        .default('benchmark'),
    )
    .option('--seed <n>', 'seed; each seed is other people', parseNumber, 1)
    .option('--subjects <n>', 'how many people (default: 12)', parseNumber)
    .option('--montage <labels>', 'eeg62, cyton8, or 10-20 labels (default: eeg62)', parseMontage)
    .action((flags: Flags) => prepare(flags, output));
}

async function prepare({ out, preset, montage = [...EEG62], ...flags }: Flags, output: Output): Promise<void> {
  // Loaded only here, because a live process must not load training.
  const [{ MOST_SUBJECTS, SIMULATED_SIZE, standardTable }, { holdsFeatureTable, writeFeatureTable }] =
    await Promise.all([
      import('../../../training/datasets/simulated.ts'),
      import('../../../training/datasets/feature-table.ts'),
    ]);
  const seed = whole('--seed', flags.seed, [0, 1_000_000]);
  const subjects = whole('--subjects', flags.subjects ?? SIMULATED_SIZE.subjects, [1, MOST_SUBJECTS]);
  if (holdsFeatureTable(out)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--out ${out} holds a feature table already: delete the folder first, or name another one`,
    );
  }
  await makeFolder(out);
  noteSimulated(output, { signal: true, model: false });

  const start = performance.now();
  const progress = createProgress(output, { total: subjects * SIMULATED_SIZE.sessions });
  const table = standardTable({ preset, montage, seed, subjects }, ({ done, total, rows }) =>
    progress.advance(1, `session ${done} of ${total}, ${rows} windows`),
  );
  await writeFeatureTable(out, table);

  const rows = table.eeg.labels.length;
  output.event(
    {
      event: 'prepared',
      out,
      rows,
      subjects,
      sessions: SIMULATED_SIZE.sessions,
      electrodes: montage.length,
      classes: table.meta.classes,
      simulated: true,
      preset,
      seed,
      fingerprint: table.fingerprint,
      seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    },
    `${rows} windows of ${subjects} SIMULATED people (preset ${preset}), ${montage.length} electrodes and eye movement, in ${out}`,
  );
}

function whole(flag: string, value: number | string, [min, max]: readonly [number, number]): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `${flag} is ${JSON.stringify(value)}: give a whole number from ${min} to ${max}`,
  );
}
