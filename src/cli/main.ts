/** affect-edge: the command line. Each command is one file in commands/. */
import { Command, CommanderError } from 'commander';
import { AffectEdgeError } from '../errors.ts';
import { eyeEventsCommand } from './commands/eye-events.ts';
import { featuresCommand } from './commands/features.ts';
import { modelsCommand } from './commands/models.ts';
import { prepareCommand } from './commands/prepare.ts';
import { replayCommand } from './commands/replay.ts';
import { demoCommand, serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { tokenCommand } from './commands/token.ts';
import { trainCommand } from './commands/train.ts';
import { exitCodeOf } from './exit-codes.ts';
import { createOutput, type Output, ServiceLog } from './output.ts';
import { version } from './version.ts';

const json = process.argv.includes('--json');
/** Services outlive their log; other commands end with the reader of their output. */
const log = ['demo', 'serve'].includes(process.argv[2] ?? '') ? new ServiceLog(json) : undefined;
const output = log?.output ?? createOutput(json);

const program = new Command('affect-edge')
  .description('Real-time emotion recognition from EEG, an eye tracker or EOG, on your own machine')
  .version(version)
  .option('--json', 'one JSON object per line on stdout')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput(json ? { writeErr: () => {} } : {});

for (const command of [
  (output: Output) => demoCommand(output, log),
  (output: Output) => serveCommand(output, log),
  simulateCommand,
  replayCommand,
  featuresCommand,
  eyeEventsCommand,
  modelsCommand,
  prepareCommand,
  trainCommand,
  tokenCommand,
]) {
  program.addCommand(inherit(command(output)));
}

/** Every command takes --json and reports errors the same way. */
function inherit(command: Command): Command {
  for (const sub of command.commands) inherit(sub);
  return command.option('--json', 'one JSON object per line on stdout').copyInheritedSettings(program);
}

/** One sentence, without commander's prefix. */
function usageError({ code, message }: CommanderError): AffectEdgeError {
  const sentence = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: |\.$/g, '');
  return new AffectEdgeError('CONFIG_INVALID', `${sentence}; --help lists what there is`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has already printed it; --help and --version arrive here too, with exit code 0.
    if (error.exitCode !== 0 && json) output.error(usageError(error));
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    output.error(error);
    process.exitCode = exitCodeOf(error);
  }
}

if (log !== undefined) {
  await log.end();
  // A write to a pipe that nobody reads would keep the process alive.
  process.exit();
}
