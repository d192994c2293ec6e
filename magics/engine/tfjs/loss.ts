import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './backend.ts';

/**
 * Sum over positions of weight * cross-entropy, in nats. logits [n, V], labels [n], weights [n]. With smoothing e the
 * target is (1 - e) of the label and e / V of every token.
 */
export function weightedCrossEntropy(
  tf: TensorFlow,
  logits: Tensor2D,
  labels: Int32Array,
  weights: Float32Array,
  smoothing: number,
): Scalar {
  const vocabulary = logits.shape[1];
  const hard = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), vocabulary), 'float32');
  const target = smoothing === 0 ? hard : tf.add(tf.mul(hard, 1 - smoothing), smoothing / vocabulary);
  const likelihood = tf.sum(tf.mul(tf.logSoftmax(logits), target), -1);
  return tf.neg(tf.sum(tf.mul(likelihood, tf.tensor1d(weights)))) as Scalar;
}
