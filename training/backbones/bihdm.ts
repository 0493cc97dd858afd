/**
 * BiHDM (Li et al. 2020, "A Novel Bi-Hemispheric Discrepancy Model for EEG Emotion Recognition"): recurrent networks
 * read the electrodes of the left and of the right half of the head, in horizontal and in vertical order, and two more
 * read the differences of mirrored electrodes. The
 * paper's pairwise operation used here is subtraction; its domain discriminator is left out. Features without electrode
 * positions are one node that every stream reads.
 */
import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import { normaliseLabel } from '../../src/montage.ts';
import type { Random } from '../../src/random.ts';
import type { OnnxGraph } from '../export/onnx-graph.ts';
import { linear, product, recurrent } from '../tf/layers.ts';
import type { Activations, Backbone, RowLayout } from './backbone.ts';
import { createLinear, drawn, type Linear, uniform, writeLinear } from './parts.ts';

/** The left electrodes, front to back along rows and along columns; the right ones are their mirror image. */
const HORIZONTAL = 'FP1 AF3 F7 F5 F3 F1 FT7 FC5 FC3 FC1 T7 C5 C3 C1 TP7 CP5 CP3 CP1 P7 P5 P3 P1 PO7 PO3 O1'.split(' ');
const VERTICAL = 'FP1 F7 FT7 T7 TP7 P7 PO7 AF3 F5 FC5 C5 CP5 P5 O1 F3 FC3 C3 CP3 P3 PO3 F1 FC1 C1 CP1 P1'.split(' ');

/** Left horizontal, left vertical, right horizontal, right vertical: left - right gives both pairs side by side. */
const STREAMS = 4;
const PAIRS = 2;
/** Number of mixtures of the steps in a projector. */
const MIXTURES = 6;
const LEAK = 0.01;

/** A vanilla recurrent network with PyTorch's two biases. */
interface Recurrent {
  readonly input: tf.Variable<tf.Rank.R2>;
  readonly state: tf.Variable<tf.Rank.R2>;
  readonly inputBias: tf.Variable<tf.Rank.R1>;
  readonly stateBias: tf.Variable<tf.Rank.R1>;
}

/** From the states of a pair [steps, d] to [MIXTURES, out]. */
interface Projector {
  /** [MIXTURES, steps] */
  readonly mix: tf.Variable<tf.Rank.R2>;
  /** [MIXTURES, 1, d] */
  readonly bias: tf.Variable<tf.Rank.R3>;
  /** [d, out] */
  readonly map: tf.Variable<tf.Rank.R2>;
}

interface Network {
  readonly steps: number;
  /** Columns of x, for each step those of the four streams: [steps * STREAMS * values of a node]. */
  readonly columns: readonly number[];
  /** Width of a state. */
  readonly width: number;
  readonly streams: readonly Recurrent[];
  /** Horizontal, vertical. */
  readonly pairs: readonly Recurrent[];
  readonly projectors: readonly Projector[];
  readonly head: Linear;
}

/**
 * Standardised features [B, features] -> logits [B, classes]; `random` draws the weights.
 * @throws AffectEdgeError DATA_INVALID where the montage has no two electrodes that mirror each other
 */
export function createBihdm(layout: RowLayout, classes: number, random: Random): Backbone {
  const electrodes = 'montage' in layout;
  const orders = electrodes ? streamOrders(layout.montage) : [[0], [0], [0], [0]];
  const depth = electrodes ? layout.bands : layout.features;
  const [width, out] = electrodes ? [32, 16] : [16, 8];
  const steps = orders[0]!.length;
  const network: Network = {
    steps,
    columns: Array.from({ length: steps }, (_, n) => orders.map((order) => order[n]!))
      .flat()
      .flatMap((node) => Array.from({ length: depth }, (_, f) => node * depth + f)),
    width,
    streams: Array.from({ length: STREAMS }, () => createRecurrent(depth, width, random)),
    pairs: Array.from({ length: PAIRS }, () => createRecurrent(width, width, random)),
    projectors: Array.from({ length: PAIRS }, () => createProjector(steps, width, out, random)),
    head: createLinear(out * MIXTURES, classes, random),
  };
  const { streams, pairs, projectors, head } = network;
  return {
    name: 'bihdm',
    parameters: [
      ...[...streams, ...pairs].flatMap(({ input, state, inputBias, stateBias }) => [
        input,
        state,
        inputBias,
        stateBias,
      ]),
      ...projectors.flatMap(({ mix, bias, map }) => [mix, bias, map]),
      head.weight,
      head.bias,
    ],
    statistics: [],
    forward: (x) => forward(x, network),
    writeOnnx: (graph, input) => writeOnnx(graph, input, network),
  };
}

/** Indices of each stream's electrodes; electrodes whose mirror image is not in the montage are left out. */
function streamOrders(montage: readonly string[]): number[][] {
  const labels = montage.map(normaliseLabel);
  const mirrored = (left: string) => left.replace(/\d+$/, (odd) => String(Number(odd) + 1));
  const present = (order: readonly string[]) =>
    order.filter((left) => labels.includes(left) && labels.includes(mirrored(left)));
  const left = [HORIZONTAL, VERTICAL].map(present);
  if (left[0]!.length === 0) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `BiHDM compares mirrored electrodes, as FP1 with FP2, and ${montage.join(' ')} has no such two; ` +
        'use the backbone dgcnn or dnn, or a montage with both halves of the head',
    );
  }
  const right = left.map((order) => order.map(mirrored));
  return [...left, ...right].map((order) => order.map((label) => labels.indexOf(label)));
}

/** f1 are both projectors' mixtures before their maps, [B, 2 * MIXTURES * d]; f2, the embedding, [B, out * MIXTURES]. */
function forward(x: tf.Tensor2D, { steps, columns, width, streams, pairs, projectors, head }: Network): Activations {
  const batch = x.shape[0];
  const picked = tf.reshape(tf.gather(x, tf.tensor1d([...columns], 'int32'), 1), [batch, steps, -1]);
  const sequence = tf.reshape<tf.Rank.R2>(tf.transpose(picked, [1, 0, 2]), [steps * batch, -1]);
  const [left, right] = tf.split(runSideBySide(sequence, streams, steps), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  const states = tf.split(runSideBySide(tf.sub(left, right), pairs, steps), PAIRS, 1);
  const mixtures = states.map((state, p) => {
    const { mix, bias } = projectors[p]!;
    const mixed = tf.leakyRelu(product(mix, tf.reshape(state, [steps, batch * width])), LEAK);
    return tf.add<tf.Tensor3D>(tf.reshape(mixed, [MIXTURES, batch, width]), bias);
  });
  const mapped = mixtures.map((mixture, p) =>
    product(tf.reshape(mixture, [MIXTURES * batch, width]), projectors[p]!.map),
  );
  const both = tf.reshape(tf.addN(mapped), [MIXTURES, batch, -1]);
  const embedding = tf.reshape<tf.Rank.R2>(tf.transpose(both, [1, 2, 0]), [batch, -1]);
  const hidden = tf.reshape<tf.Rank.R2>(tf.transpose(tf.concat(mixtures, 2), [1, 0, 2]), [batch, -1]);
  return { hidden, embedding, logits: linear(embedding, head.weight, head.bias) };
}

/** Runs networks of one shape as one with block-diagonal weights, so a step is one matrix product. x [steps * B, networks * in] */
function runSideBySide(x: tf.Tensor2D, networks: readonly Recurrent[], steps: number): tf.Tensor2D {
  const { input, state, inputBias, stateBias } = sideBySide(networks);
  return recurrent(x, input, state, tf.add(inputBias, stateBias), steps);
}

function sideBySide(networks: readonly Recurrent[]) {
  return {
    input: blockDiagonal(networks.map(({ input }) => input)),
    state: blockDiagonal(networks.map(({ state }) => state)),
    inputBias: tf.concat(networks.map(({ inputBias }) => inputBias)) as tf.Tensor1D,
    stateBias: tf.concat(networks.map(({ stateBias }) => stateBias)) as tf.Tensor1D,
  };
}

/** n blocks [a, b] -> [n * a, n * b] */
function blockDiagonal(blocks: readonly tf.Tensor2D[]): tf.Tensor2D {
  const around = (i: number, size: number): [number, number] => [i * size, (blocks.length - 1 - i) * size];
  return tf.addN(blocks.map((block, i) => tf.pad(block, [around(i, block.shape[0]), around(i, block.shape[1])])));
}

async function writeOnnx(graph: OnnxGraph, input: string, network: Network): Promise<void> {
  const { steps, columns, width, streams, pairs, projectors, head } = network;
  const reshape = (name: string, x: string, shape: number[]) =>
    graph.node('Reshape', name, [x, graph.integers(`${name}.shape`, shape)]);
  /** Part i of k along the last axis: [steps, 1, B, k * d] -> [steps, B, d] */
  const part = (name: string, x: string, i: number, k: number, d: number) => {
    const parts = reshape(`${name}.parts`, x, [steps, -1, k, d]);
    return graph.node('Gather', name, [parts, graph.integers(`${name}.index`, [i], [])], { axis: 2 });
  };
  const picked = graph.node('Gather', 'picked', [input, graph.integers('columns', columns)], { axis: 1 });
  const byRow = reshape('by-row', picked, [-1, steps, columns.length / steps]);
  const sequence = graph.node('Transpose', 'sequence', [byRow], { perm: [1, 0, 2] });
  const states = await writeSideBySide(graph, 'streams', sequence, streams);
  const [left, right] = [part('left', states, 0, 2, PAIRS * width), part('right', states, 1, 2, PAIRS * width)];
  const differences = await writeSideBySide(graph, 'pairs', graph.node('Sub', 'left-right', [left, right]), pairs);
  const mapped: string[] = [];
  for (const [p, { mix, bias, map }] of projectors.entries()) {
    const scope = `pair${p + 1}`;
    const flat = reshape(`${scope}.flat`, part(scope, differences, p, PAIRS, width), [steps, -1]);
    const mixed = graph.node('MatMul', `${scope}.mixed`, [await graph.tensor(`${scope}.mix`, mix), flat]);
    const leaky = graph.node('LeakyRelu', `${scope}.leaky`, [mixed], { alpha: LEAK });
    const shaped = reshape(`${scope}.shaped`, leaky, [MIXTURES, -1, width]);
    const biased = graph.node('Add', `${scope}.mixtures`, [shaped, await graph.tensor(`${scope}.bias`, bias)]);
    mapped.push(graph.node('MatMul', `${scope}.mapped`, [biased, await graph.tensor(`${scope}.map`, map)]));
  }
  const both = graph.node('Add', 'both', mapped);
  const rows = graph.node('Transpose', 'rows', [both], { perm: [1, 2, 0] });
  await writeLinear(graph, 'logits', graph.node('Flatten', 'embedding', [rows]), head);
}

/** x [steps, B, networks * in] -> states [steps, 1, B, networks * d] */
async function writeSideBySide(graph: OnnxGraph, name: string, x: string, networks: readonly Recurrent[]) {
  const weights = (pick: (all: ReturnType<typeof sideBySide>) => tf.Tensor) => () =>
    tf.expandDims(tf.transpose(pick(sideBySide(networks))));
  const input = await graph.derived(
    `${name}.input`,
    weights((all) => all.input),
  );
  const state = await graph.derived(
    `${name}.state`,
    weights((all) => all.state),
  );
  const bias = await graph.derived(
    `${name}.bias`,
    weights((all) => tf.concat([all.inputBias, all.stateBias])),
  );
  const hidden_size = networks.length * networks[0]!.state.shape[0];
  return graph.node('RNN', name, [x, input, state, bias], { hidden_size });
}

function createRecurrent(inputs: number, width: number, random: Random): Recurrent {
  const bound = 1 / Math.sqrt(width);
  return {
    input: uniform([inputs, width], bound, random),
    state: uniform([width, width], bound, random),
    inputBias: uniform([width], bound, random),
    stateBias: uniform([width], bound, random),
  };
}

/** The paper does not give the initial values. Here: weights U(±1/sqrt(inputs)), biases 0. */
function createProjector(steps: number, width: number, out: number, random: Random): Projector {
  return {
    mix: uniform([MIXTURES, steps], 1 / Math.sqrt(steps), random),
    bias: drawn([MIXTURES, 1, width], () => 0),
    map: uniform([width, out], 1 / Math.sqrt(width), random),
  };
}
