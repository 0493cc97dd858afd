import * as tf from '@tensorflow/tfjs';
import type { Essentials, Manifest } from '../../src/model/manifest.ts';
import { INPUT } from '../../src/model/onnx-check.ts';
import type { Backbone } from '../backbones/backbone.ts';
import { OnnxGraph } from '../export/onnx-graph.ts';
import { encodeServed } from '../export/served-graph.ts';

/** A backbone as it is served: it standardises its input, plain features [batch, d]. Outputs as in `encodeServed`. */
export async function exportOnnx(
  backbone: Backbone,
  manifest: Essentials & Pick<Manifest, 'standardisation'>,
): Promise<Uint8Array> {
  const { mean, std } = manifest.standardisation;
  const features = mean.length;
  const graph = new OnnxGraph();
  const row = (name: string, values: readonly number[]) =>
    graph.constant(name, [values.length], Float32Array.from(values));
  const centred = graph.node('Sub', 'centred', [INPUT, row('mean', mean)]);
  const standardised = graph.node('Div', 'standardised', [centred, row('std', std)]);
  await backbone.writeOnnx(graph, standardised);
  const embedding = tf.tidy(() => backbone.forward(tf.zeros([1, features]), false).embedding.shape[1]);
  return encodeServed(graph, manifest, { features, embedding });
}
