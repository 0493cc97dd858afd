/** Students of random rows, which make the steps of training. */
import * as tf from '@tensorflow/tfjs';
import { EEG62 } from '../../src/montage.ts';
import { Random } from '../../src/random.ts';
import type { Backbone, RowLayout } from '../../training/backbones/backbone.ts';
import { type BackboneName, createBackbone } from '../../training/backbones/index.ts';
import { DEFAULT_STUDENT, runConfigSchema } from '../../training/cmcrd/config.ts';
import { type StudentTask, studentLoss } from '../../training/cmcrd/student.ts';
import type { FeatureTable } from '../../training/datasets/table.ts';
import type { Distiller, DistillerContext } from '../../training/distillers/distiller.ts';
import { createDistiller } from '../../training/distillers/index.ts';
import { trainingStep } from '../../training/loop/fit.ts';
import { activationsOf } from '../../training/loop/predict.ts';
import { AdamW } from '../../training/tf/adamw.ts';
import type { Optimiser } from '../../training/tf/optimiser.ts';

export interface Size {
  readonly rows: number;
  readonly negatives: number;
  readonly classes: number;
}

const BATCH = 32;

export const EEG = { montage: EEG62, bands: 5 } satisfies RowLayout;
const EYE = { features: 33 } satisfies RowLayout;

type CreateDistiller = (context: DistillerContext) => Promise<Distiller>;
export const createProduct: CreateDistiller = async (context) => (await createDistiller('cmcrd', context))!;

/** A student of random rows, whose steps are those of training. */
export class Student {
  readonly table: FeatureTable;
  /** Processor time of every step. */
  readonly optimiserMs: number[] = [];
  readonly #backbone: Backbone;
  readonly #distillation: NonNullable<StudentTask['distillation']>;
  readonly #optimiser: Optimiser;
  #steps = 0;

  private constructor(table: FeatureTable, backbone: Backbone, distillation: NonNullable<StudentTask['distillation']>) {
    this.table = table;
    this.#backbone = backbone;
    this.#distillation = distillation;
    const parameters = [...backbone.parameters, ...distillation.distiller.parameters];
    this.#optimiser = this.#timed(new AdamW(parameters, DEFAULT_STUDENT.weightDecay));
  }

  static async create(name: BackboneName, size: Size, create: CreateDistiller, guidanceSets = true): Promise<Student> {
    const table = randomTable(size, EEG.montage.length * EEG.bands);
    const backbone = await createBackbone(name, EEG, size.classes, new Random('student'));
    const teacher = await createBackbone(name, EYE, size.classes, new Random('teacher'));
    const answers = await activationsOf(teacher, randomTable(size, EYE.features));
    tf.dispose([...teacher.parameters, ...teacher.statistics]);
    const { distiller: config } = runConfigSchema.parse({
      direction: 'eye-to-eeg',
      protocol: 'cross',
      distiller: { guidanceSets, negatives: size.negatives },
    });
    const own = await activationsOf(backbone, randomTable({ ...size, rows: 1 }, table.width));
    const distiller = await create({
      student: { hidden: own.hidden.width, embedding: own.embedding.width },
      teacher: { hidden: answers.hidden.width, embedding: answers.embedding.width },
      labels: table.labels,
      config,
      random: new Random('distiller'),
    });
    return new Student(table, backbone, { distiller, teacher: answers });
  }

  /** Its loss. */
  async step(): Promise<number> {
    const { rows, random } = this.nextBatch();
    const loss = studentLoss({ backbone: this.#backbone, distillation: this.#distillation, train: this.table });
    const { distiller } = this.#distillation;
    const task = { backbone: this.#backbone, distiller, optimiser: this.#optimiser, loss };
    return read(await trainingStep(task, rows, random, DEFAULT_STUDENT.learningRate));
  }

  /** A step's gradient of cross-entropy, without teacher. */
  async learnAlone(): Promise<void> {
    const { rows, random } = this.nextBatch();
    const loss = studentLoss({ backbone: this.#backbone, distillation: null, train: this.table });
    const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(rows, random), [...this.#backbone.parameters]));
    tf.dispose(grads);
    await read(value);
  }

  nextBatch(): { rows: Int32Array; random: Random } {
    const random = new Random('step', this.#steps++);
    const last = this.table.labels.length - 1;
    const rows = new Set<number>();
    while (rows.size < BATCH) rows.add(random.integer(0, last));
    return { rows: Int32Array.from(rows), random };
  }

  #timed(optimiser: Optimiser): Optimiser {
    return {
      memory: optimiser.memory,
      steps: optimiser.steps,
      step: (gradients, rate) => {
        const before = process.cpuUsage();
        optimiser.step(gradients, rate);
        const { user, system } = process.cpuUsage(before);
        this.optimiserMs.push((user + system) / 1000);
      },
      dispose: () => optimiser.dispose(),
    };
  }

  dispose(): void {
    this.#distillation.distiller.dispose();
    this.#optimiser.dispose();
    tf.dispose([...this.#backbone.parameters, ...this.#backbone.statistics]);
  }
}

export function randomTable({ rows, classes }: Size, width: number): FeatureTable {
  const random = new Random('table', width);
  const none = new Int32Array(rows);
  return {
    classes: Array.from({ length: classes }, (_, c) => `class${c}`),
    width,
    values: Float32Array.from({ length: rows * width }, () => random.normal()),
    labels: Int32Array.from({ length: rows }, (_, row) => row % classes),
    subjects: none,
    trials: none,
  };
}

async function read(value: tf.Scalar): Promise<number> {
  const [number] = await value.data();
  value.dispose();
  return number!;
}
