import type { Graph, Value } from './graph.ts';
import { add, divide, multiply, squareRoot, subtract } from './ops/arithmetic.ts';
import { sumOfSquares } from './ops/reduce.ts';
import type { Tensor } from './safetensors.ts';
import type { OptimizerOptions } from './types.ts';

/** Names of a parameter's Adam moments: means of the gradient and of its square. */
export function momentNames(parameter: string): { mean: string; variance: string } {
  return { mean: `mean.${parameter}`, variance: `variance.${parameter}` };
}

/** Adam's moments before the first step. */
export function zeroMoments(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const moments = new Map<string, Tensor>();
  for (const [name, { shape, data }] of parameters) {
    const names = momentNames(name);
    for (const moment of [names.mean, names.variance])
      moments.set(moment, { shape, data: new Float32Array(data.length) });
  }
  return moments;
}

/** Prefix of the outputs that replace the inputs of the same name. */
export const updatedPrefix = 'updated.';

/**
 * Adds one AdamW step (Loshchilov and Hutter 2019, as PyTorch computes it) to the graph: weight decay apart from the
 * gradient and on matrices only, bias correction, and the gradients scaled down to `maxGradientNorm` over all of them.
 * Inputs: learning_rate, mean_correction and variance_correction (1 - beta^step), and both moments of each parameter.
 * Outputs: gradient_norm (before clipping), and each parameter and moment with the prefix `updated.`.
 */
export function addAdamW(
  graph: Graph,
  parameters: readonly Value[],
  gradients: readonly Value[],
  options: OptimizerOptions,
): void {
  graph.withoutRecording(() => {
    const norm = squareRoot(
      graph,
      gradients.map((gradient) => sumOfSquares(graph, gradient)).reduce((a, b) => add(graph, a, b)),
    );
    graph.output('gradient_norm', norm);
    const scalars = stepScalars(graph, norm, options);
    for (const [i, parameter] of parameters.entries()) {
      updateParameter(graph, parameter, gradients[i]!, scalars, options);
    }
  });
}

/** Scalars that all parameters share, computed once. */
interface StepScalars {
  /** (1 - beta1) * clip and (1 - beta2) * clip^2: the clipped gradient's share in the moments. */
  meanShare: Value;
  varianceShare: Value;
  /** learning_rate / mean_correction. */
  stepSize: Value;
  rootVarianceCorrection: Value;
  /** 1 - learning_rate * weightDecay. */
  keep: Value;
}

function stepScalars(graph: Graph, norm: Value, options: OptimizerOptions): StepScalars {
  const { beta1, beta2, weightDecay, maxGradientNorm } = options;
  const learningRate = graph.input('learning_rate', []);
  const meanCorrection = graph.input('mean_correction', []);
  const varianceCorrection = graph.input('variance_correction', []);
  const clip = clipFactor(graph, norm, maxGradientNorm);
  return {
    meanShare: multiply(graph, clip, graph.scalar(1 - beta1)),
    varianceShare: multiply(graph, multiply(graph, clip, clip), graph.scalar(1 - beta2)),
    stepSize: divide(graph, learningRate, meanCorrection),
    rootVarianceCorrection: squareRoot(graph, varianceCorrection),
    keep: subtract(graph, graph.scalar(1), multiply(graph, learningRate, graph.scalar(weightDecay))),
  };
}

/** min(1, maxGradientNorm / (norm + 1e-6)), PyTorch's clip_grad_norm_. */
function clipFactor(graph: Graph, norm: Value, maxGradientNorm: number): Value {
  if (maxGradientNorm <= 0) return graph.scalar(1);
  const ratio = divide(graph, graph.scalar(maxGradientNorm), add(graph, norm, graph.scalar(1e-6)));
  return graph.node('Min', [graph.scalar(1), ratio], []);
}

function updateParameter(
  graph: Graph,
  parameter: Value,
  gradient: Value,
  { meanShare, varianceShare, stepSize, rootVarianceCorrection, keep }: StepScalars,
  { beta1, beta2, epsilon, weightDecay }: OptimizerOptions,
): void {
  const names = momentNames(parameter.name);
  const oldMean = graph.input(names.mean, parameter.shape);
  const oldVariance = graph.input(names.variance, parameter.shape);
  const square = multiply(graph, gradient, gradient);
  const mean = add(graph, multiply(graph, oldMean, graph.scalar(beta1)), multiply(graph, gradient, meanShare));
  const variance = add(
    graph,
    multiply(graph, oldVariance, graph.scalar(beta2)),
    multiply(graph, square, varianceShare),
  );
  const deviation = divide(graph, squareRoot(graph, variance), rootVarianceCorrection);
  const change = divide(graph, multiply(graph, mean, stepSize), add(graph, deviation, graph.scalar(epsilon)));
  const isDecayed = weightDecay > 0 && parameter.shape.length > 1;
  const kept = isDecayed ? multiply(graph, parameter, keep) : parameter;
  graph.output(updatedPrefix + parameter.name, subtract(graph, kept, change));
  graph.output(updatedPrefix + names.mean, mean);
  graph.output(updatedPrefix + names.variance, variance);
}
