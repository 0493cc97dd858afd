import { Command, Option } from 'commander';
import { AffectEdgeError } from '../../errors.ts';
import { parseNumber } from '../../main/parse.ts';
import type { Output } from '../output.ts';
import { cmcrd } from '../training/cmcrd.ts';
import { eogFeedback } from '../training/eog.ts';
import { type CommonFlags, interruptible, type TrainingSystem } from '../training/system.ts';

/** Each system reads its own flags, parsed by commander. */
const SYSTEMS = [cmcrd, eogFeedback] as unknown as readonly TrainingSystem[];

interface Flags extends CommonFlags {
  system: string;
}

export function trainCommand(output: Output): Command {
  const command = new Command('train')
    .description('train a teacher and a student of another modality, and test on unseen trials or people')
    .requiredOption('--data <dir>', "feature table (see prepare); of eog-feedback: DEAP's folder, or simulated")
    .requiredOption('--out <dir>', "the run's folder")
    .addOption(
      new Option('--protocol <name>', 'test unseen trials, or people')
        .choices(SYSTEMS.flatMap(({ protocols }) => protocols))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--system <name>', 'cmcrd: EEG and eye movement; eog-feedback: EEG with EOG to EOG, a RECONSTRUCTION')
        .choices(SYSTEMS.map(({ name }) => name))
        .default(cmcrd.name),
    )
    .option('--seeds <list>', 'such as 2022,2023,2024 (default)', parseSeeds)
    .option('--epochs <n>', "the student's (default: 40)", parseNumber)
    .option('--batch <n>', 'rows per step of both (default: 32)', parseNumber)
    .option('--learning-rate <x>', "the student's (default: 0.001 at its peak; of eog-feedback 0.0005)", parseNumber)
    .option('--teacher-learning-rate <x>', "the teacher's (default: the same)", parseNumber)
    .option('--export <dir>', 'seal a student of all subjects as a model bundle; the folder names the model')
    .option('--resume', "continue from the folder's checkpoint");
  for (const { name, options } of SYSTEMS) {
    for (const option of options) command.addOption(option.helpGroup(`Of --system ${name}:`));
  }
  return command.action((flags: Flags) => train(flags, command, output));
}

function train(flags: Flags, command: Command, output: Output): Promise<void> {
  const system = SYSTEMS.find(({ name }) => name === flags.system)!;
  refuseOthers(system, flags, command);
  return interruptible(flags.out, (signal) => system.train(flags, output, signal));
}

/** A flag without effect would appear in the result as if it had one. */
function refuseOthers({ name, protocols }: TrainingSystem, { protocol }: Flags, command: Command): void {
  if (!protocols.includes(protocol)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--protocol ${protocol} is not of the system ${name}: give ${protocols.join(' or ')}`,
    );
  }
  for (const other of SYSTEMS.filter((system) => system.name !== name)) {
    const idle = other.options.find((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
    if (idle === undefined) continue;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${idle.long} belongs to --system ${other.name}, not to ${name}: leave it out`,
    );
  }
}

function parseSeeds(text: string): (number | string)[] {
  return text.split(',').map((seed) => parseNumber(seed.trim()));
}
