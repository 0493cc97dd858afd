/** The end of every model.onnx: from `logits` to `probabilities`, and the graph's inputs and outputs. */
import { type Essentials, manifestEssentials } from '../../src/model/manifest.ts';
import { INPUT } from '../../src/model/onnx-check.ts';
import type { OnnxGraph } from './onnx-graph.ts';

/**
 * Adds probabilities = softmax(logits / temperature) to a graph that has nodes `logits` and `embedding`, and encodes it.
 * In: [batch, features]; out: `logits` and `probabilities` [batch, classes], `embedding` [batch, embedding].
 */
export function encodeServed(
  graph: OnnxGraph,
  description: Essentials,
  { features, embedding }: { readonly features: number; readonly embedding: number },
): Uint8Array {
  const { id, classes, temperature } = description;
  const divisor = graph.constant('temperature', [1], Float32Array.of(temperature));
  graph.node('Softmax', 'probabilities', [graph.node('Div', 'tempered', ['logits', divisor])], { axis: 1 });
  const outputs = [
    { name: 'logits', width: classes.length },
    { name: 'probabilities', width: classes.length },
    { name: 'embedding', width: embedding },
  ];
  return graph.encode(id, [{ name: INPUT, width: features }], outputs, manifestEssentials(description));
}
