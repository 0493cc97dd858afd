import * as tf from '@tensorflow/tfjs';
import { type Essentials, type Manifest, manifestEssentials } from '../../src/model/manifest.ts';
import { INPUT } from '../../src/model/onnx-check.ts';
import type { Backbone } from '../backbones/backbone.ts';
import { OnnxGraph } from '../export/onnx-graph.ts';

/**
 * A backbone as it is served: plain features [batch, d] in, standardised first; `logits`, `probabilities` =
 * softmax(logits / temperature) and `embedding` out.
 */
export async function exportOnnx(
  backbone: Backbone,
  manifest: Essentials & Pick<Manifest, 'standardisation'>,
): Promise<Uint8Array> {
  const { mean, std } = manifest.standardisation;
  const features = mean.length;
  const classes = manifest.classes.length;
  const graph = new OnnxGraph();
  const row = (name: string, values: readonly number[]) =>
    graph.constant(name, [values.length], Float32Array.from(values));
  const centred = graph.node('Sub', 'centred', [INPUT, row('mean', mean)]);
  const standardised = graph.node('Div', 'standardised', [centred, row('std', std)]);
  await backbone.writeOnnx(graph, standardised);
  const tempered = graph.node('Div', 'tempered', ['logits', row('temperature', [manifest.temperature])]);
  graph.node('Softmax', 'probabilities', [tempered], { axis: 1 });
  const embedding = tf.tidy(() => backbone.forward(tf.zeros([1, features]), false).embedding.shape[1]);
  return graph.encode(
    manifest.id,
    [{ name: INPUT, width: features }],
    [
      { name: 'logits', width: classes },
      { name: 'probabilities', width: classes },
      { name: 'embedding', width: embedding },
    ],
    manifestEssentials(manifest),
  );
}
