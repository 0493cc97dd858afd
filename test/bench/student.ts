/** Students of random rows, which make the steps of training. */
import * as tf from '@tensorflow/tfjs';
import { EEG62 } from '../../src/montage.ts';
import { Random } from '../../src/simulation/random.ts';
import { AdamW } from '../../training/adamw.ts';
import type { Backbone, RowLayout } from '../../training/backbones/backbone.ts';
import { type BackboneName, createBackbone } from '../../training/backbones/create.ts';
import { oneHotOf } from '../../training/batch.ts';
import { DEFAULT_STUDENT, runConfigSchema } from '../../training/config.ts';
import type { FeatureTable } from '../../training/datasets/table.ts';
import { createDistiller } from '../../training/distillers/create.ts';
import type { Distiller, DistillerContext } from '../../training/distillers/distiller.ts';
import { withoutGated } from '../../training/distillers/gated.ts';
import { crossEntropy } from '../../training/losses/cross-entropy.ts';
import { type Answers, answersOf, batchOf } from '../../training/predict.ts';

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
  readonly optimiserMs: number[] = [];
  readonly #backbone: Backbone;
  readonly #distiller: Distiller;
  readonly #answers: Answers;
  readonly #optimiser: AdamW;
  #steps = 0;

  private constructor(table: FeatureTable, backbone: Backbone, distiller: Distiller, answers: Answers) {
    this.table = table;
    this.#backbone = backbone;
    this.#distiller = distiller;
    this.#answers = answers;
    this.#optimiser = new AdamW([...backbone.parameters, ...distiller.parameters], DEFAULT_STUDENT.weightDecay);
  }

  static async create(name: BackboneName, size: Size, create: CreateDistiller, guidanceSets = true): Promise<Student> {
    const table = randomTable(size, EEG.montage.length * EEG.bands);
    const backbone = await createBackbone(name, EEG, size.classes, new Random('student'));
    const teacher = await createBackbone(name, EYE, size.classes, new Random('teacher'));
    const answers = await answersOf(teacher, randomTable(size, EYE.features));
    tf.dispose([...teacher.parameters, ...teacher.statistics]);
    const widths = { hidden: answers.hidden.width, embedding: answers.embedding.width };
    const { distiller: config } = runConfigSchema.parse({
      direction: 'eye-to-eeg',
      protocol: 'cross',
      distiller: { guidanceSets, negatives: size.negatives },
    });
    const own = await answersOf(backbone, randomTable({ ...size, rows: 1 }, table.width));
    const distiller = await create({
      student: { hidden: own.hidden.width, embedding: own.embedding.width },
      teacher: widths,
      labels: table.labels,
      config,
      random: new Random('distiller'),
    });
    return new Student(table, backbone, distiller, answers);
  }

  /** Its loss. */
  async step(): Promise<number> {
    const [table, backbone, distiller, answers] = [this.table, this.#backbone, this.#distiller, this.#answers];
    const { rows, random } = this.nextBatch();
    const parameters = [...backbone.parameters, ...distiller.parameters];
    const loss = () => {
      const labels = oneHotOf(table, rows);
      const student = backbone.forward(batchOf(table, rows), true);
      const teacher = {
        hidden: batchOf(answers.hidden, rows),
        embedding: batchOf(answers.embedding, rows),
        logits: batchOf(answers.logits, rows),
      };
      const taught = distiller.loss({ rows, labels, student, teacher, random });
      return tf.add<tf.Scalar>(crossEntropy(student.logits, labels), taught);
    };
    const { value, grads } = tf.tidy(() => tf.variableGrads(loss, parameters));
    const start = performance.now();
    this.#optimiser.step(await withoutGated(grads, distiller.gated), DEFAULT_STUDENT.learningRate);
    this.optimiserMs.push(performance.now() - start);
    tf.dispose(grads);
    return read(value);
  }

  /** A step's gradient of cross-entropy, without teacher. */
  async learnAlone(): Promise<void> {
    const [table, backbone] = [this.table, this.#backbone];
    const { rows } = this.nextBatch();
    const { value, grads } = tf.tidy(() =>
      tf.variableGrads(
        () => crossEntropy(backbone.forward(batchOf(table, rows), true).logits, oneHotOf(table, rows)),
        [...backbone.parameters],
      ),
    );
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

  dispose(): void {
    this.#distiller.dispose();
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
