import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerOptions } from '../types.ts';
import type { TensorFlow } from './backend.ts';

/** A parameter with Adam's moments. */
export interface ParameterState {
  readonly value: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Global L2 norm of gradients. */
export function gradientNorm(tf: TensorFlow, gradients: readonly Tensor[]): number {
  return tf.tidy(() => Math.sqrt(gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0)));
}

/**
 * One AdamW step of a parameter (Loshchilov and Hutter 2019, as PyTorch computes it): weight decay apart from the gradient
 * and on matrices only, bias correction by the step (counted from 1), the gradient scaled by `clip` first.
 */
export function adamw(
  tf: TensorFlow,
  { value, mean, variance }: ParameterState,
  gradient: Tensor,
  { step, learningRate, clip }: { step: number; learningRate: number; clip: number },
  { beta1, beta2, epsilon, weightDecay }: OptimizerOptions,
): ParameterState {
  const g = tf.mul(gradient, clip);
  const newMean = tf.add(tf.mul(mean, beta1), tf.mul(g, 1 - beta1));
  const newVariance = tf.add(tf.mul(variance, beta2), tf.mul(tf.square(g), 1 - beta2));
  const deviation = tf.add(tf.div(tf.sqrt(newVariance), Math.sqrt(1 - beta2 ** step)), epsilon);
  const change = tf.div(tf.mul(newMean, learningRate / (1 - beta1 ** step)), deviation);
  const isDecayed = weightDecay > 0 && value.rank > 1;
  const kept = isDecayed ? tf.mul(value, 1 - learningRate * weightDecay) : value;
  return { value: tf.sub(kept, change), mean: newMean, variance: newVariance };
}

/** min(1, maximum / (norm + 1e-6)), PyTorch's clip_grad_norm_; a maximum of 0 never clips. */
export function clipFactor(norm: number, maximum: number): number {
  return maximum <= 0 ? 1 : Math.min(1, maximum / (norm + 1e-6));
}
