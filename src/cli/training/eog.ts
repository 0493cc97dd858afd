/** `train --system eog-feedback`: an EOG student that gives feedback to its EEG and EOG teacher. */
import { Option } from 'commander';
import {
  EOG_PROTOCOLS,
  type EogConfig,
  eogConfigSchema,
  FEEDBACK_MODES,
  TARGETS,
  VARIANTS,
} from '../../../training/eog/config.ts';
import { SIZES, type SizeName } from '../../../training/eog/network/size.ts';
import type { EogFoldResult, EogResult } from '../../../training/eog/result.ts';
import type { EogEpoch, EogStep } from '../../../training/eog/run.ts';
import type { SimulatedEogOptions } from '../../../training/eog/simulated.ts';
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import { parseNumber, parseSettings } from '../../main/parse.ts';
import { PRESETS, type PresetName } from '../../simulation/presets.ts';
import type { Output } from '../output.ts';
import { createProgress, type Progress } from '../progress.ts';
import {
  type CommonFlags,
  counted,
  percent,
  reportResult,
  rounded,
  runOptions,
  type TrainingSystem,
} from './system.ts';

interface Flags extends CommonFlags {
  target?: string;
  variant?: string;
  feedback?: string;
  folds?: number;
  patience?: number;
  warmUpEpochs?: number;
  size: SizeName;
  preset?: PresetName;
  subjects?: number;
  trials?: number;
  trialS?: number;
  dataSeed?: number;
}

const SIMULATED = 'simulated';
const SIMULATED_SIZE: SimulatedEogOptions = { preset: 'benchmark', seed: 1, subjects: 6, trials: 12, trialS: 24 };

export const eogFeedback: TrainingSystem<Flags> = {
  name: 'eog-feedback',
  protocols: EOG_PROTOCOLS,
  options: [
    new Option('--target <name>', 'the scale whose low and high levels are the classes (default: valence)').choices([
      ...TARGETS,
    ]),
    new Option(
      '--variant <name>',
      "V1: the teacher's answers alone; V2: its feature too; V3: with feedback (default)",
    ).choices([...VARIANTS]),
    new Option('--feedback <name>', 'of V3, to the teacher (default: secondOrder)').choices([...FEEDBACK_MODES]),
    new Option('--folds <n>', 'each trial or person tests in one of them (default: 5)').argParser(parseNumber),
    new Option('--patience <n>', 'epochs without a better validation loss (default: 10)').argParser(parseNumber),
    new Option('--warm-up-epochs <n>', 'of the teacher alone, before (default: 5)').argParser(parseNumber),
    new Option('--size <name>', 'of the networks: quick is for trying things out')
      .choices(Object.keys(SIZES))
      .default('published'),
    new Option('--preset <name>', `how hard simulated data are (default: ${SIMULATED_SIZE.preset})`).choices(
      Object.keys(PRESETS),
    ),
    new Option('--subjects <n>', `simulated people (default: ${SIMULATED_SIZE.subjects})`).argParser(parseNumber),
    new Option('--trials <n>', `simulated trials of each (default: ${SIMULATED_SIZE.trials})`).argParser(parseNumber),
    new Option('--trial-s <s>', `length of a simulated trial (default: ${SIMULATED_SIZE.trialS})`).argParser(
      parseNumber,
    ),
    new Option('--data-seed <n>', `another seed, other simulated people (default: ${SIMULATED_SIZE.seed})`).argParser(
      parseNumber,
    ),
  ],
  async train(flags, output, signal) {
    const config = configOf(flags);
    const data = dataOf(flags);
    // Loaded only here, because a live process must not load TensorFlow.js.
    const { eogExperiment } = await import('../../../training/eog/experiment.ts');
    const result = await eogExperiment({
      data,
      config,
      size: SIZES[flags.size],
      ...runOptions(flags, output, signal),
      ...createReporter(output, config),
    });
    reportResult(result, flags, output, sentenceOf(result, flags));
  },
};

/** Throws CONFIG_INVALID. */
function configOf(flags: Flags): EogConfig {
  const { target, protocol, folds, seeds, variant, feedback, batch, epochs, patience, warmUpEpochs } = flags;
  const { learningRate, teacherLearningRate } = flags;
  if (feedback !== undefined && variant !== undefined && variant !== 'V3') {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--feedback belongs to the variant V3, not to ${variant}: leave it out`,
    );
  }
  const wanted = given({
    ...{ target, protocol, folds, seeds, variant, feedback, batch, epochs, patience },
    ...{ warmupEpochs: warmUpEpochs, learningRate, teacherLearningRate },
  });
  return parseSettings('the run', eogConfigSchema, wanted);
}

/** Throws CONFIG_INVALID for flags of simulated data with other data. */
function dataOf({ data, preset, subjects, trials, trialS, dataSeed }: Flags): string | SimulatedEogOptions {
  const flags = given({ preset, subjects, trials, trialS, seed: dataSeed });
  if (data === SIMULATED) return { ...SIMULATED_SIZE, ...flags };
  const [idle] = Object.keys(flags);
  if (idle === undefined) return data;
  const flag = { trialS: '--trial-s', seed: '--data-seed' }[idle] ?? `--${idle}`;
  throw new AffectEdgeError('CONFIG_INVALID', `${flag} belongs to --data ${SIMULATED}, not to ${data}: leave it out`);
}

/** Prints one line with an estimate for people, and an event per epoch as JSON. */
function createReporter(output: Output, { epochs }: EogConfig) {
  let progress: Progress | null = null;
  let done = 0;
  return {
    onStep({ seed, fold, epoch, step, steps, resumed, ...since }: EogStep): void {
      // The first step is left out of the estimate, because the JavaScript engine is still compiling.
      const first = progress === null;
      progress ??= createProgress(output, { total: 1, done: resumed });
      progress.skip(since.skipped + (first ? since.advanced : 0));
      done = since.done;
      const where = epoch < 1 ? 'the teacher alone' : `epoch ${epoch} of ${epochs}`;
      progress.advance(first ? 0 : since.advanced, `seed ${seed}, ${fold}: ${where}, step ${step} of ${steps}`);
    },
    onEpoch({ seed, fold, epoch, loss, validationLoss }: EogEpoch): void {
      output.detail({
        ...{ event: 'epoch', seed, fold, epoch, epochs, loss, validation_loss: validationLoss },
        done: Number(done.toFixed(4)),
        eta_s: rounded(progress?.secondsLeft() ?? null),
      });
    },
    onFold({ seed, fold, metrics, teacher_metrics, majority_accuracy }: EogFoldResult): void {
      output.detail({ event: 'fold', seed, fold, metrics, teacher: teacher_metrics, majority_accuracy });
      progress?.endPhase(
        `seed ${seed}, ${fold}: ${percent(metrics.accuracy)}, its teacher ${percent(teacher_metrics.accuracy)}, ` +
          `always the more frequent level ${percent(majority_accuracy)}`,
      );
    },
  };
}

function sentenceOf(result: EogResult, { out, export: exported }: Flags): string {
  const { accuracy, accuracy_std, balanced_accuracy, macro_f1, majority_accuracy, teacher_accuracy } = result;
  const { target, variant, protocol, seeds } = result.config;
  const deviation = accuracy_std === null ? '' : ` ± ${percent(accuracy_std)}`;
  const lines = [
    `${result.simulated ? 'SIMULATED data, ' : ''}RECONSTRUCTION: EOG student, ${target}, ${variant} with feedback ${result.feedback}, by ${protocol}: ` +
      `${percent(accuracy)}${deviation} over ${counted(result.per_subject.length, 'subject')} and ` +
      `${counted(seeds.length, 'seed')} (balanced ${percent(balanced_accuracy)}, macro-F1 ${macro_f1.toFixed(3)})`,
    `always the more frequent level ${percent(majority_accuracy)}, teachers ${percent(teacher_accuracy)}`,
    result.published_accuracy === null
      ? ''
      : `published (Zhang & Lu 2025, whose protocol is not known): ${result.published_accuracy} %`,
    `${result.seconds} s on ${result.backend}; ${out}/result.json${exported === undefined ? '' : `; model in ${exported}`}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}
