/**
 * The networks of "multimodal distillation to EOG" (Zhang & Lu 2025, Brain Sciences 15(7) 707) as a RECONSTRUCTION:
 * the full text is not public, and our choices are documented where they are made. Teacher and student are one
 * design, over EEG and EOG or over EOG alone: a head and transformer blocks for each modality, gates between depths 1
 * and 2, and 2 and 3, whose sums are added; the feature is the mean over the tokens, and one linear layer
 * classifies it.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import { createLinear, type Linear, writeLinear } from '../../backbones/parts.ts';
import type { OnnxGraph } from '../../export/onnx-graph.ts';
import { affine, type Dual, linearly, plus } from './dual.ts';
import * as gates from './gate.ts';
import * as heads from './head.ts';
import { type Pass, weightIn } from './pass.ts';
import type { Patches } from './patches.ts';
import { type NetworkSize, tokensOf } from './size.ts';
import * as transformer from './transformer.ts';

export interface Answer {
  /** [windows, width] */
  readonly feature: Dual;
  /** [windows, classes] */
  readonly logits: Dual;
}

interface Stream {
  readonly head: heads.Head;
  readonly blocks: readonly transformer.Block[];
}

export interface EogNetwork {
  readonly size: NetworkSize;
  /** Number of channels of each modality, in the order of a pass's inputs. */
  readonly channels: readonly number[];
  /** Trained by the optimiser. */
  readonly parameters: readonly tf.Variable[];
  /** Moving statistics of batch normalisation. */
  readonly statistics: readonly tf.Variable[];
  readonly streams: readonly Stream[];
  readonly gates: readonly gates.Gate[];
  readonly classifier: Linear;
}

/** `random` draws the weights. */
export function createEogNetwork(
  channels: readonly number[],
  classes: number,
  size: NetworkSize,
  random: Random,
): EogNetwork {
  const streams = channels.map((count) => ({
    head: heads.createHead(count, size, random),
    blocks: Array.from({ length: size.blocks }, () => transformer.createBlock(size, random)),
  }));
  const between = Array.from({ length: size.blocks - 1 }, () => gates.createGate(channels.length, size, random));
  const classifier = createLinear(size.width, classes, random);
  return {
    size,
    channels,
    streams,
    gates: between,
    classifier,
    parameters: [
      ...streams.flatMap(({ head, blocks }) => [
        ...heads.parametersOf(head),
        ...blocks.flatMap(transformer.parametersOf),
      ]),
      ...between.flatMap(gates.parametersOf),
      ...([classifier.weight, classifier.bias] as tf.Variable[]),
    ],
    statistics: [
      ...streams.flatMap(({ head: { norm } }) => [norm.movingMean, norm.movingVariance] as tf.Variable[]),
      ...between.flatMap(gates.statisticsOf),
    ],
  };
}

/** Standardised `inputs` of each modality, of the same windows. */
export function forward(network: EogNetwork, inputs: readonly Patches[], pass: Pass): Answer {
  const { size, streams, classifier } = network;
  const depths: Dual[][] = Array.from({ length: size.blocks }, () => []);
  for (const [m, { head, blocks }] of streams.entries()) {
    let x = heads.headForward(inputs[m]!, head, pass);
    for (const [depth, block] of blocks.entries()) {
      x = transformer.blockForward(x, block, pass);
      depths[depth]!.push(x);
    }
  }
  const gated = network.gates.map((gate, g) => gates.gateForward(depths[g]!, depths[g + 1]!, gate, pass));
  const tokens = tokensOf(size);
  const feature = linearly(gated.reduce(plus), (x) =>
    tf.mean<tf.Tensor2D>(tf.reshape(x, [x.shape[0] / tokens, tokens, size.width]), 1),
  );
  const logits = affine(feature, weightIn(pass, classifier.weight), weightIn(pass, classifier.bias));
  return { feature, logits };
}

/**
 * Adds the serving pass of a network of one modality over `input` [batch, channels * samples], with nodes `logits` and
 * `embedding`.
 */
export async function writeOnnx({ size, streams, ...network }: EogNetwork, graph: OnnxGraph, input: string) {
  const { head, blocks } = streams[0]!;
  let x = await heads.writeHead(graph, input, head);
  const depths: string[] = [];
  for (const [b, block] of blocks.entries()) {
    x = await transformer.writeBlock(graph, `block${b + 1}`, x, block);
    depths.push(x);
  }
  let sum: string | null = null;
  for (const [g, gate] of network.gates.entries()) {
    const gated = await gates.writeGate(graph, `gate${g + 1}`, depths[g]!, depths[g + 1]!, gate);
    sum = sum === null ? gated : graph.node('Add', `gates${g + 1}`, [sum, gated]);
  }
  const shape = graph.integers('by-window.shape', [-1, tokensOf(size), size.width]);
  const byWindow = graph.node('Reshape', 'by-window', [sum!, shape]);
  const feature = graph.node('ReduceMean', 'embedding', [byWindow], { axes: [1], keepdims: 0 });
  await writeLinear(graph, 'logits', feature, network.classifier);
}

/** Frees the network's weights. */
export function disposeNetwork({ parameters, statistics }: EogNetwork): void {
  tf.dispose([...parameters, ...statistics]);
}
