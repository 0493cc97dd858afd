import { Command, Option } from 'commander';
import { BACKBONE_NAMES } from '../../../training/backbones/create.ts';
import { DIRECTIONS, PROTOCOLS, type RunConfig, runConfigSchema } from '../../../training/config.ts';
import { DISTILLER_NAMES } from '../../../training/distillers/create.ts';
import type { RunProgress } from '../../../training/run.ts';
import type { FoldResult, RunResult } from '../../../training/run-result.ts';
import { describeIssues, parseNumber } from '../../config.ts';
import { AffectEdgeError, isAffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import { DE_METHODS, type DeMethod } from '../../preprocess-eeg-config.ts';
import { parseMontage } from '../montage.ts';
import type { Output } from '../output.ts';
import { createProgress, type Progress } from '../progress.ts';
import { buildDigest, version } from '../version.ts';

interface Flags {
  data: string;
  out: string;
  direction: string;
  protocol: string;
  backbone?: string;
  distiller?: string;
  form?: string;
  montage?: string[];
  method?: DeMethod;
  seeds?: (number | string)[];
  epochs?: number;
  teacherEpochs?: number;
  batch?: number;
  learningRate?: number;
  teacherLearningRate?: number;
  negatives?: number;
  mccSource?: string;
  mcc: boolean;
  us: boolean;
  iew: boolean;
  export?: string;
  resume?: boolean;
}

export function trainCommand(output: Output): Command {
  return new Command('train')
    .description('train a teacher of one modality and a student of the other, and report on unseen trials or people')
    .requiredOption('--data <dir>', 'feature table (see prepare)')
    .requiredOption('--out <dir>', "the run's folder")
    .addOption(new Option('--direction <name>', 'who teaches whom').choices([...DIRECTIONS]).makeOptionMandatory())
    .addOption(
      new Option('--protocol <name>', 'test unseen trials, or people').choices([...PROTOCOLS]).makeOptionMandatory(),
    )
    .addOption(new Option('--backbone <name>', 'network of both (default: dnn)').choices(BACKBONE_NAMES))
    .addOption(new Option('--distiller <name>', 'how the student is taught (default: cmcrd)').choices(DISTILLER_NAMES))
    .addOption(
      new Option('--form <name>', "form of CMCRD's loss (default: stable)").choices(['stable', 'reference', 'ratio']),
    )
    .option(
      '--montage <labels>',
      'electrodes to use: eeg62, cyton8, or 10-20 labels (default: all of the table)',
      parseMontage,
    )
    .addOption(new Option('--method <name>', 'refuse a table of another differential entropy').choices([...DE_METHODS]))
    .option('--seeds <list>', 'as 2022,2023,2024 (default)', parseSeeds)
    .option('--epochs <n>', "the student's (default: 40)", parseNumber)
    .option('--teacher-epochs <n>', "the teacher's at most (default: 50)", parseNumber)
    .option('--batch <n>', 'rows per step of both (default: 32)', parseNumber)
    .option('--learning-rate <x>', "the student's, at its peak (default: 0.001)", parseNumber)
    .option('--teacher-learning-rate <x>', "the teacher's (default: 0.001)", parseNumber)
    .option('--negatives <n>', 'of CMCRD and CRD, per sample (default: 3/4 of the training rows)', parseNumber)
    .addOption(
      new Option('--mcc-source <name>', "rows of the teacher's class confusion (default: train)").choices([
        'train',
        'target',
      ]),
    )
    .option('--no-mcc', 'ablation: no minimum class confusion')
    .option('--no-us', 'ablation: no gating and sets by what the teacher has right')
    .option('--no-iew', "ablation: no weights by the teacher's certainty")
    .option('--export <dir>', 'seal a student of all subjects as a model bundle; the folder names the model')
    .option('--resume', "go on from the folder's checkpoint")
    .action((flags: Flags) => train(flags, output));
}

async function train(flags: Flags, output: Output): Promise<void> {
  const config = runConfig(flags);
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  // Once: a second Ctrl-C ends the process without a checkpoint.
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Loaded only here: TensorFlow.js has no place in a live process.
  const { experiment } = await import('../../../training/experiment.ts');
  const reporter = createReporter(output, config);
  try {
    const result = await experiment({
      data: flags.data,
      method: flags.method,
      config,
      out: flags.out,
      resume: flags.resume ?? false,
      exportTo: flags.export,
      codeVersion: version,
      build: buildDigest(),
      signal: interrupt.signal,
      log: output.note,
      ...reporter,
    });
    for (const notice of result.notices) output.note(notice);
    const exported = flags.export === undefined ? {} : { exported: flags.export };
    output.event({ event: 'result', ...result, out: flags.out, ...exported }, sentenceOf(result, flags));
  } catch (error) {
    if (!isAffectEdgeError(error, 'INTERRUPTED')) throw error;
    throw new AffectEdgeError('INTERRUPTED', `interrupted; the same command with --resume goes on from ${flags.out}`);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** @throws AffectEdgeError CONFIG_INVALID */
function runConfig(flags: Flags): RunConfig {
  const { direction, protocol, backbone, montage, seeds, distiller, form, negatives, batch } = flags;
  refuseIdle(flags);
  const wanted = given({
    direction,
    protocol,
    backbone,
    montage,
    seeds,
    distiller: given({
      name: distiller,
      form,
      negatives,
      guidanceSets: flags.us ? undefined : false,
      certaintyWeights: flags.iew ? undefined : false,
    }),
    teacher: given({
      epochs: flags.teacherEpochs,
      batch,
      learningRate: flags.teacherLearningRate,
      mccWeight: flags.mcc ? undefined : 0,
      mccSource: flags.mccSource,
    }),
    student: given({ epochs: flags.epochs, batch, learningRate: flags.learningRate }),
  });
  const parsed = runConfigSchema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new AffectEdgeError('CONFIG_INVALID', describeIssues('the run', parsed.error, wanted));
}

/** A flag that changes nothing would be told in the result as if it had. */
function refuseIdle({ distiller = 'cmcrd', form, us, iew, negatives }: Flags): void {
  const idle: [boolean, string, readonly string[]][] = [
    [form !== undefined, '--form', ['cmcrd']],
    [!us, '--no-us', ['cmcrd']],
    [!iew, '--no-iew', ['cmcrd']],
    [negatives !== undefined, '--negatives', ['cmcrd', 'crd']],
  ];
  for (const [given, flag, of] of idle) {
    if (!given || of.includes(distiller)) continue;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${flag} belongs to ${of.join(' and ')}, not to ${distiller}: leave it out`,
    );
  }
}

function parseSeeds(text: string): (number | string)[] {
  return text.split(',').map((seed) => parseNumber(seed.trim()));
}

/** People see one line and an estimate, machines every epoch. */
function createReporter(output: Output, { student, teacher }: RunConfig) {
  const epochsOf = { student: student.epochs, teacher: teacher.epochs };
  let progress: Progress | null = null;
  return {
    onEpoch({ seed, fold, role, epoch, loss, validationLoss, done, resumed, ...since }: RunProgress): void {
      // The first epoch tells no pace: the engine has yet to compile what it meets often.
      const first = progress === null;
      progress ??= createProgress(output, { total: 1, done: resumed });
      progress.skip(since.skipped + (first ? since.advanced : 0));
      const epochs = epochsOf[role];
      const figures = `loss ${loss.toFixed(4)}, validation ${validationLoss.toFixed(4)}`;
      progress.advance(
        first ? 0 : since.advanced,
        `seed ${seed}, ${fold}: ${role}, epoch ${epoch} of ${epochs}: ${figures}`,
      );
      output.detail({
        event: 'epoch',
        seed,
        fold,
        role,
        epoch,
        epochs,
        loss,
        validation_loss: validationLoss,
        done: Number(done.toFixed(4)),
        eta_s: rounded(progress.secondsLeft()),
      });
    },
    onFold({ seed, fold, metrics, teacher }: FoldResult): void {
      const taught = teacher === null ? '' : `, its teacher ${percent(teacher.metrics.accuracy)}`;
      output.detail({ event: 'fold', seed, fold, metrics, teacher: teacher?.metrics ?? null });
      progress?.endPhase(`seed ${seed}, ${fold}: ${percent(metrics.accuracy)}${taught}`);
    },
  };
}

function sentenceOf(result: RunResult, { out, export: exported }: Flags): string {
  const { accuracy, accuracy_std, balanced_accuracy, macro_f1, per_subject, teacher_accuracy, published_accuracy } =
    result;
  const { distiller, backbone, direction, protocol, seeds } = result.config;
  const lines = [
    `${result.simulated ? 'SIMULATED data: ' : ''}${distiller.name}, ${backbone}, ${direction}, ${protocol}: ${percent(accuracy)}${accuracy_std === null ? '' : ` ± ${percent(accuracy_std)}`} ` +
      `over ${counted(per_subject.length, 'subject')} and ${counted(seeds.length, 'seed')} (balanced ${percent(balanced_accuracy)}, macro-F1 ${macro_f1.toFixed(3)})`,
    teacher_accuracy === null ? '' : `teachers ${percent(teacher_accuracy)}`,
    published_accuracy === null
      ? ''
      : `published (Kan et al. 2026, who hold no training trials out for validation): ${published_accuracy} %`,
    `${result.seconds} s on ${result.backend}; ${out}/result.json${exported === undefined ? '' : `; model in ${exported}`}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rounded(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds);
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
