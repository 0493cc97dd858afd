import type * as tf from '@tensorflow/tfjs';
import type { OnnxGraph } from '../export/onnx-graph.ts';

export interface Activations {
  /** f1, an intermediate feature, [B, ·]. */
  readonly hidden: tf.Tensor2D;
  /** f2, the last feature before the classifier, [B, ·]. */
  readonly embedding: tf.Tensor2D;
  /** [B, classes] */
  readonly logits: tf.Tensor2D;
}

/**
 * Meaning of a row of features: montage x bands values, channel-major (channel * bands + band), or `features` values
 * without electrode positions, such as those of eye movement.
 */
export type RowLayout = { readonly montage: readonly string[]; readonly bands: number } | { readonly features: number };

export function rowWidth(layout: RowLayout): number {
  return 'montage' in layout ? layout.montage.length * layout.bands : layout.features;
}

/** A network from standardised features to logits. */
export interface Backbone {
  readonly name: string;
  /** Trained by the optimiser. */
  readonly parameters: readonly tf.Variable[];
  /** Moving batch statistics, updated by the forward pass in training. */
  readonly statistics: readonly tf.Variable[];
  /** x [B, features] */
  forward(x: tf.Tensor2D, training: boolean): Activations;
  /** Adds the serving pass from the node `input` to nodes named `logits` and `embedding`. */
  writeOnnx(graph: OnnxGraph, input: string): Promise<void>;
}
