/** The EOG student (RECONSTRUCTION of Zhang & Lu 2025) as it is served. */
import type { Essentials, Manifest } from '../../src/model/manifest.ts';
import { INPUT } from '../../src/model/onnx-check.ts';
import { OnnxGraph } from '../export/onnx-graph.ts';
import { encodeServed } from '../export/served-graph.ts';
import { type EogNetwork, writeOnnx } from './network/index.ts';

export type EogDescription = Extract<Essentials, { modality: 'eog' }> & Pick<Manifest, 'standardisation'>;

/**
 * ONNX, opset 17. In: `features` [batch, channels * samples], plain windows in uV at 128 Hz, hEOG before vEOG, which the
 * graph standardises channel by channel. Outputs as in `encodeServed`, with the classes low and high.
 */
export async function exportEogStudent(student: EogNetwork, manifest: EogDescription): Promise<Uint8Array> {
  const { samples, width } = student.size;
  const { montage, standardisation } = manifest;
  const channels = montage.length;
  const graph = new OnnxGraph();
  const perChannel = (name: string, values: readonly number[]) =>
    graph.constant(name, [channels, 1], Float32Array.from(values));
  const shape = graph.integers('by-channel.shape', [-1, channels, samples]);
  const byChannel = graph.node('Reshape', 'by-channel', [INPUT, shape]);
  const centred = graph.node('Sub', 'centred', [byChannel, perChannel('mean', standardisation.mean)]);
  const standardised = graph.node('Div', 'standardised', [centred, perChannel('std', standardisation.std)]);
  await writeOnnx(student, graph, standardised);
  return encodeServed(graph, manifest, { features: channels * samples, embedding: width });
}
