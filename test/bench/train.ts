/** A student's training step with CMCRD, beside the form that gathers its negatives, and what its parts take. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import { BACKBONE_NAMES, type BackboneName, createBackbone } from '../../training/backbones/index.ts';
import { NegativeSampler } from '../../training/distillers/contrast/negatives.ts';
import { predictLogits } from '../../training/loop/predict.ts';
import { type BackendName, startBackend } from '../../training/tf/backend.ts';
import { createGathering } from './gathering.ts';
import { percentiles } from './percentile.ts';
import { createProduct, EEG, randomTable, type Size, Student } from './student.ts';
import { type Epochs, runSeconds } from './whole-run.ts';

/** The sizes of SEED-IV within a subject and of SEED-V across subjects. */
const WITHIN: Size = { rows: 1200, negatives: 900, classes: 4 };
const ACROSS: Size = { rows: 28_000, negatives: 24_000, classes: 5 };

/** Long enough for the engine to compile the hot code; at least one run. */
const WARM_UP_MS = 2000;
const STEPS = 40;
/** For the gathering form, which takes seconds a step. */
const FEW = { warmUpMs: 0, steps: 3 };

interface TrainRow {
  readonly what: string;
  readonly rows: number;
  readonly negatives?: number;
  /** Median, on the clock and of the processor. */
  readonly ms: number;
  readonly processorMs?: number;
  readonly measured: number;
  /** Shares of `processorMs`; the network's are those of a step without teacher, and the loss is what remains. */
  readonly drawMs?: number;
  readonly networkMs?: number;
  readonly lossMs?: number;
  readonly optimiserMs?: number;
  /** In processor time, as others may work on the machine. */
  readonly timesOurs?: number;
  /** Of the process until then. */
  readonly peakRssMb: number;
}

export async function benchTrain(): Promise<{ rows: TrainRow[]; summary: Record<string, unknown> }> {
  const { name: backend } = await startBackend();
  const rows: TrainRow[] = [];
  for (const backbone of BACKBONE_NAMES) {
    for (const size of [WITHIN, ACROSS]) rows.push(await stepRow(backbone, size, backend));
  }
  for (const backbone of BACKBONE_NAMES) rows.push(await predictRow(backbone));
  rows.push(await runRow('run, dnn, whole', WITHIN, { teacher: 50, student: 40 }));
  rows.push(await runRow('run, dnn, an epoch of each', ACROSS, { teacher: 1, student: 1 }));
  // Last, as it takes a gigabyte more; elsewhere than on wasm it may not even run.
  if (backend === 'wasm') for (const size of [WITHIN, ACROSS]) rows.push(await gatheringRow(size));
  return { rows, summary: { backend, rows } };
}

async function stepRow(backbone: BackboneName, size: Size, backend: BackendName): Promise<TrainRow> {
  const student = await Student.create(backbone, size, createProduct);
  const whole = await timed(() => student.step());
  // A GPU works on after the call: only whole steps can be timed there.
  const parts =
    backend === 'wasm' || backend === 'cpu' ? await partsOf(student, size.negatives, whole.processorMs) : {};
  student.dispose();
  return { what: `step, ${backbone}`, ...sizeOf(size), ...whole, ...parts, peakRssMb: peakRssMb() };
}

async function partsOf(student: Student, negatives: number, processorMs: number) {
  const sampler = new NegativeSampler(student.table.labels, negatives);
  const draw = await timed(() => {
    const { rows, random } = student.nextBatch();
    tf.tidy(() => void sampler.draw(rows, random));
  });
  const network = await timed(() => student.learnAlone());
  const optimiserMs = percentiles(student.optimiserMs.slice(-STEPS)).p50;
  const lossMs = Number((processorMs - draw.processorMs - network.processorMs - optimiserMs).toPrecision(3));
  return { drawMs: draw.processorMs, networkMs: network.processorMs, lossMs, optimiserMs };
}

/** Both without gating, so that they are the same loss. */
async function gatheringRow(size: Size): Promise<TrainRow> {
  const ours = await Student.create('dnn', size, createProduct, false);
  const expected = await ours.step();
  const product = await timed(() => ours.step());
  ours.dispose();
  const gathering = await Student.create('dnn', size, async (context) => createGathering(context), false);
  const loss = await gathering.step();
  if (!(Math.abs(loss / expected - 1) < 1e-4)) throw new Error(`gathered, the loss is ${loss}, and ours ${expected}`);
  const whole = await timed(() => gathering.step(), FEW);
  gathering.dispose();
  const timesOurs = Number((whole.processorMs / product.processorMs).toPrecision(3));
  return { what: 'step, dnn, gathering', ...sizeOf(size), ...whole, timesOurs, peakRssMb: peakRssMb() };
}

async function runRow(what: string, size: Size, epochs: Epochs): Promise<TrainRow> {
  const seconds = await runSeconds(size, epochs);
  return { what, ...sizeOf(size), ms: Math.round(1000 * seconds), measured: 1, peakRssMb: peakRssMb() };
}

async function predictRow(name: BackboneName): Promise<TrainRow> {
  const table = randomTable(ACROSS, EEG.montage.length * EEG.bands);
  const backbone = await createBackbone(name, EEG, ACROSS.classes, new Random('student'));
  const whole = await timed(() => predictLogits(backbone, table), FEW);
  tf.dispose([...backbone.parameters, ...backbone.statistics]);
  return { what: `predict, ${name}`, rows: ACROSS.rows, ...whole, peakRssMb: peakRssMb() };
}

function sizeOf({ rows, negatives }: Size) {
  return { rows, negatives };
}

async function timed(run: () => unknown, { warmUpMs, steps } = { warmUpMs: WARM_UP_MS, steps: STEPS }) {
  const warmUntil = performance.now() + warmUpMs;
  do await run();
  while (performance.now() < warmUntil);
  const ms: number[] = [];
  const processorMs: number[] = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    ms.push(performance.now() - start);
    processorMs.push((user + system) / 1000);
  }
  return { ms: percentiles(ms).p50, processorMs: percentiles(processorMs).p50, measured: steps };
}

function peakRssMb(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
}
