/** The DNN of CMCRD (Kan et al. 2026, and its authors' code): [Linear(·,128) + BN + ReLU] x 4 -> Linear(128, classes). */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/simulation/random.ts';
import { BATCH_NORM_EPSILON, type BatchNorm, batchNormRelu, linear } from '../layers.ts';
import type { OnnxGraph } from '../onnx-graph.ts';
import type { Activations, Backbone } from './backbone.ts';

const WIDTH = 128;
const BLOCKS = 4;

interface Linear {
  /** [in, out] */
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
}

interface Block {
  readonly linear: Linear;
  readonly norm: BatchNorm;
}

/** Standardised features [B, features] -> logits [B, classes]; `random` draws the weights. */
export function createDnn(features: number, classes: number, random: Random): Backbone {
  const blocks: Block[] = Array.from({ length: BLOCKS }, (_, b) => ({
    linear: createLinear(b === 0 ? features : WIDTH, WIDTH, random),
    norm: createBatchNorm(WIDTH),
  }));
  const head = createLinear(WIDTH, classes, random);
  return {
    name: 'dnn',
    parameters: [
      ...blocks.flatMap(({ linear, norm }) => [linear.weight, linear.bias, norm.gamma, norm.beta]),
      head.weight,
      head.bias,
    ],
    statistics: blocks.flatMap(({ norm }) => [norm.movingMean, norm.movingVariance]),
    forward: (x, training) => forward(x, blocks, head, training),
    writeOnnx: (graph, input) => writeOnnx(graph, input, blocks, head),
  };
}

/** f1 after block 2, f2 after block 4. */
function forward(x: tf.Tensor2D, blocks: readonly Block[], head: Linear, training: boolean): Activations {
  const after: tf.Tensor2D[] = [];
  for (const { linear: layer, norm } of blocks) {
    x = batchNormRelu(linear(x, layer.weight, layer.bias), norm, training);
    after.push(x);
  }
  return { hidden: after[1]!, embedding: x, logits: linear(x, head.weight, head.bias) };
}

async function writeOnnx(graph: OnnxGraph, input: string, blocks: readonly Block[], head: Linear): Promise<void> {
  let x = input;
  for (const [b, { linear: layer, norm }] of blocks.entries()) {
    x = await writeLinear(graph, `block${b + 1}.linear`, x, layer);
    x = graph.node(
      'BatchNormalization',
      `block${b + 1}.norm`,
      [
        x,
        await graph.tensor(`block${b + 1}.gamma`, norm.gamma),
        await graph.tensor(`block${b + 1}.beta`, norm.beta),
        await graph.tensor(`block${b + 1}.mean`, norm.movingMean),
        await graph.tensor(`block${b + 1}.variance`, norm.movingVariance),
      ],
      { epsilon: BATCH_NORM_EPSILON },
    );
    x = graph.node('Relu', b === BLOCKS - 1 ? 'embedding' : `block${b + 1}`, [x]);
  }
  await writeLinear(graph, 'logits', x, head);
}

async function writeLinear(graph: OnnxGraph, name: string, input: string, layer: Linear): Promise<string> {
  return graph.node('Gemm', name, [
    input,
    await graph.tensor(`${name}.weight`, layer.weight),
    await graph.tensor(`${name}.bias`, layer.bias),
  ]);
}

/** PyTorch's default initialisation: U(±1/sqrt(in)) for weight and bias. */
function createLinear(inputs: number, outputs: number, random: Random): Linear {
  const bound = 1 / Math.sqrt(inputs);
  const uniform = (count: number) => Float32Array.from({ length: count }, () => bound * (2 * random.uniform() - 1));
  return tf.tidy(() => ({
    weight: tf.variable(tf.tensor2d(uniform(inputs * outputs), [inputs, outputs])),
    bias: tf.variable(tf.tensor1d(uniform(outputs))),
  }));
}

function createBatchNorm(width: number): BatchNorm {
  return tf.tidy(() => ({
    gamma: tf.variable(tf.ones<tf.Rank.R1>([width])),
    beta: tf.variable(tf.zeros<tf.Rank.R1>([width])),
    movingMean: tf.variable(tf.zeros<tf.Rank.R1>([width]), false),
    movingVariance: tf.variable(tf.ones<tf.Rank.R1>([width]), false),
  }));
}
