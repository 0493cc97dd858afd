/** The DNN of CMCRD (Kan et al. 2026, and its authors' code): [Linear(·,128) + BN + ReLU] x 4 -> Linear(128, classes). */
import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import type { OnnxGraph } from '../export/onnx-graph.ts';
import { detach } from '../tf/detach.ts';
import { type BatchNorm, batchNormRelu, linear } from '../tf/layers.ts';
import { type Activations, type Backbone, type RowLayout, rowWidth } from './backbone.ts';
import { createBatchNorm, createLinear, type Linear, writeBatchNorm, writeLinear } from './parts.ts';

const WIDTH = 128;
const BLOCKS = 4;

export interface Block {
  readonly linear: Linear;
  readonly norm: BatchNorm;
}

/** Standardised features [B, features] -> logits [B, classes]; `random` draws the weights. */
export function createDnn(layout: RowLayout, classes: number, random: Random): Backbone {
  const blocks: Block[] = Array.from({ length: BLOCKS }, (_, b) => ({
    linear: createLinear(b === 0 ? rowWidth(layout) : WIDTH, WIDTH, random),
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

/** f1 is the output of block 2, f2 (the embedding) that of block 4. */
function forward(x: tf.Tensor2D, blocks: readonly Block[], head: Linear, training: boolean): Activations {
  const after: tf.Tensor2D[] = [];
  for (const block of blocks) {
    x = blockForward(x, block, training);
    after.push(x);
  }
  return { hidden: after[1]!, embedding: x, logits: linear(x, head.weight, head.bias) };
}

/**
 * x [B, in] -> [B, out]. In training, batch normalisation removes the bias, so its gradient is 0. The bias is detached
 * because Adam would make full steps from the float32 rounding errors of that gradient.
 */
export function blockForward(x: tf.Tensor2D, { linear: layer, norm }: Block, training: boolean): tf.Tensor2D {
  const bias = training ? detach<tf.Tensor1D>(layer.bias) : layer.bias;
  return batchNormRelu(linear(x, layer.weight, bias), norm, training);
}

async function writeOnnx(graph: OnnxGraph, input: string, blocks: readonly Block[], head: Linear): Promise<void> {
  let x = input;
  for (const [b, { linear: layer, norm }] of blocks.entries()) {
    x = await writeLinear(graph, `block${b + 1}.linear`, x, layer);
    x = await writeBatchNorm(graph, `block${b + 1}`, x, norm);
    x = graph.node('Relu', b === BLOCKS - 1 ? 'embedding' : `block${b + 1}`, [x]);
  }
  await writeLinear(graph, 'logits', x, head);
}
