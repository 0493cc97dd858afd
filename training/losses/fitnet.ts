import * as tf from '@tensorflow/tfjs';

/**
 * Mean squared error of the features, [B, d] each -> scalar. Romero et al. 2015, "FitNets: hints for thin deep nets";
 * where the widths differ, a linear regressor brings the student's to the teacher's first.
 */
export function fitnet(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.square(tf.sub(student, teacher)));
}
