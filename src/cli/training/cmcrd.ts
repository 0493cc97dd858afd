/** `train --system cmcrd`: a teacher of one modality guides a student of the other. */
import { Option } from 'commander';
import { BACKBONE_NAMES } from '../../../training/backbones/index.ts';
import { DIRECTIONS, PROTOCOLS, type RunConfig, runConfigSchema } from '../../../training/cmcrd/config.ts';
import type { FoldResult, RunResult } from '../../../training/cmcrd/result.ts';
import type { RunProgress } from '../../../training/cmcrd/run.ts';
import { DEFAULT_DISTILLER, DISTILLER_NAMES, distillersReading } from '../../../training/distillers/index.ts';
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import { parseNumber, parseSettings } from '../../main/parse.ts';
import { DE_METHODS, type DeMethod } from '../../preprocess/eeg/config.ts';
import { parseMontage } from '../montage.ts';
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
  direction?: string;
  backbone?: string;
  distiller?: string;
  form?: string;
  montage?: string[];
  method?: DeMethod;
  preprocess?: 'default';
  teacherEpochs?: number;
  negatives?: number;
  mccSource?: string;
  mcc: boolean;
  us: boolean;
  iew: boolean;
}

export const cmcrd: TrainingSystem<Flags> = {
  name: 'cmcrd',
  protocols: PROTOCOLS,
  options: [
    new Option('--direction <name>', 'who teaches whom; needed').choices([...DIRECTIONS]),
    new Option('--backbone <name>', 'network of both (default: dnn)').choices(BACKBONE_NAMES),
    new Option('--distiller <name>', `how the student is taught (default: ${DEFAULT_DISTILLER})`).choices(
      DISTILLER_NAMES,
    ),
    new Option('--form <name>', "form of CMCRD's loss (default: stable)").choices(['stable', 'reference', 'ratio']),
    new Option(
      '--montage <labels>',
      'electrodes to use: eeg62, cyton8, or 10-20 labels (default: all of the table)',
    ).argParser(parseMontage),
    new Option('--method <name>', 'refuse a table of another differential entropy').choices([...DE_METHODS]),
    new Option(
      '--preprocess <name>',
      'with --export, for a table without its preprocessing: it is the default one',
    ).choices(['default']),
    new Option('--teacher-epochs <n>', "the teacher's at most (default: 50)").argParser(parseNumber),
    new Option('--negatives <n>', 'of CMCRD and CRD, per sample (default: 3/4 of the training rows)').argParser(
      parseNumber,
    ),
    new Option('--mcc-source <name>', "rows of the teacher's class confusion (default: train)").choices([
      'train',
      'target',
    ]),
    new Option('--no-mcc', 'ablation: no minimum class confusion'),
    new Option('--no-us', 'ablation: no gating and sets by what the teacher has right'),
    new Option('--no-iew', "ablation: no weights by the teacher's certainty"),
  ],
  async train(flags, output, signal) {
    const config = runConfig(flags);
    if (flags.preprocess !== undefined && flags.export === undefined) {
      throw new AffectEdgeError('CONFIG_INVALID', '--preprocess has an effect only with --export: leave it out');
    }
    // Loaded only here, because a live process must not load TensorFlow.js.
    const { experiment } = await import('../../../training/cmcrd/experiment.ts');
    const result = await experiment({
      data: flags.data,
      method: flags.method,
      preprocess: flags.preprocess,
      config,
      ...runOptions(flags, output, signal),
      ...createReporter(output, config),
    });
    reportResult(result, flags, output, sentenceOf(result, flags));
  },
};

/** @throws AffectEdgeError CONFIG_INVALID */
function runConfig(flags: Flags): RunConfig {
  const { direction, protocol, backbone, montage, seeds, distiller, form, negatives, batch } = flags;
  if (direction === undefined) {
    throw new AffectEdgeError('CONFIG_INVALID', `--direction is missing: give ${DIRECTIONS.join(' or ')}`);
  }
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
  return parseSettings('the run', runConfigSchema, wanted);
}

/** Throws CONFIG_INVALID for a flag that has no effect on the distiller: the result would list it as if it had one. */
function refuseIdle({ distiller = DEFAULT_DISTILLER, form, us, iew, negatives }: Flags): void {
  const flags = [
    { flag: '--form', given: form !== undefined, option: 'form' },
    { flag: '--no-us', given: !us, option: 'guidanceSets' },
    { flag: '--no-iew', given: !iew, option: 'certaintyWeights' },
    { flag: '--negatives', given: negatives !== undefined, option: 'negatives' },
  ] as const;
  for (const { flag, given, option } of flags) {
    const readers: readonly string[] = distillersReading(option);
    if (!given || readers.includes(distiller)) continue;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${flag} belongs to ${readers.join(' and ')}, not to ${distiller}: leave it out`,
    );
  }
}

/** Prints one line with an estimate for people, and an event per epoch as JSON. */
function createReporter(output: Output, { student, teacher }: RunConfig) {
  const epochsOf = { student: student.epochs, teacher: teacher.epochs };
  let progress: Progress | null = null;
  return {
    onEpoch({ seed, fold, role, epoch, loss, validationLoss, done, resumed, ...since }: RunProgress): void {
      // The first epoch is left out of the estimate, because the JavaScript engine is still compiling.
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
      const teachers = teacher === null ? '' : `, its teacher ${percent(teacher.metrics.accuracy)}`;
      output.detail({ event: 'fold', seed, fold, metrics, teacher: teacher?.metrics ?? null });
      progress?.endPhase(`seed ${seed}, ${fold}: ${percent(metrics.accuracy)}${teachers}`);
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
