/** The EOG student (RECONSTRUCTION of Zhang & Lu 2025) as it is served. */
import { INPUT } from '../../src/model/onnx-check.ts';
import { EOG_CHANNELS, EOG_RATE_HZ } from '../../src/preprocess-eog-config.ts';
import { OnnxGraph } from '../onnx-graph.ts';
import { RECONSTRUCTION } from './config.ts';
import { type EogNetwork, writeOnnx } from './network.ts';
import { LEVELS, type Scales, type Target } from './recordings.ts';

export interface EogExport {
  /** Of one modality. */
  readonly student: EogNetwork;
  readonly scales: Pick<Scales, 'eog'>;
  readonly id: string;
  readonly target: Target;
  /** Of the probabilities: softmax(logits / temperature). */
  readonly temperature: number;
}

/**
 * ONNX, opset 17. In: `features` [batch, channels * samples], plain windows in uV at 128 Hz, hEOG before vEOG; they are
 * standardised inside. Out: `logits` and `probabilities` [batch, 2], low before high, and `embedding` [batch, width].
 */
export async function exportEogStudent({ student, scales, id, target, temperature }: EogExport): Promise<Uint8Array> {
  const { samples, width } = student.size;
  const [channels] = student.channels as [number];
  const graph = new OnnxGraph();
  const perChannel = (name: string, values: readonly number[]) =>
    graph.constant(name, [channels, 1], Float32Array.from(values));
  const shape = graph.integers('by-channel.shape', [-1, channels, samples]);
  const byChannel = graph.node('Reshape', 'by-channel', [INPUT, shape]);
  const centred = graph.node('Sub', 'centred', [byChannel, perChannel('mean', scales.eog.mean)]);
  const standardised = graph.node('Div', 'standardised', [centred, perChannel('std', scales.eog.std)]);
  await writeOnnx(student, graph, standardised);
  const divisor = graph.constant('temperature', [1], Float32Array.of(temperature));
  graph.node('Softmax', 'probabilities', [graph.node('Div', 'tempered', ['logits', divisor])], { axis: 1 });
  return graph.encode(
    id,
    [{ name: INPUT, width: channels * samples }],
    [
      { name: 'logits', width: LEVELS.length },
      { name: 'probabilities', width: LEVELS.length },
      { name: 'embedding', width },
    ],
    new Map([
      ['system', 'eog-feedback'],
      ['reconstruction', RECONSTRUCTION],
      ['target', target],
      ['channels', EOG_CHANNELS.join(' ')],
      ['sample_rate_hz', String(EOG_RATE_HZ)],
    ]),
  );
}
