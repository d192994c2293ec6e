import { Graph, type Value } from './graph.ts';
import { add, divide, multiply, squareRoot, subtract } from './ops/arithmetic.ts';
import { sumOfSquares } from './ops/reduce.ts';
import type { OptimizerOptions } from './types.ts';

/** Names of a parameter's Adam moments: means of the gradient and of its square. */
export function momentNames(parameter: string): { mean: string; variance: string } {
  return { mean: `mean.${parameter}`, variance: `variance.${parameter}` };
}

/** Prefix of the outputs that replace the inputs of the same name. */
export const updatedPrefix = 'updated.';

/** What all parameters of a step share. */
export interface StepScalars {
  /** (1 - beta1) * clip and (1 - beta2) * clip^2: the clipped gradient's share in the moments. */
  mean_share: number;
  variance_share: number;
  /** learningRate / (1 - beta1^step) * sqrt(1 - beta2^step), the bias corrections. */
  step_size: number;
  /** epsilon * sqrt(1 - beta2^step). */
  floor: number;
  /** 1 - learningRate * weightDecay. */
  keep: number;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019, as PyTorch computes it) with the gradients scaled down to
 * `maxGradientNorm`, as clip_grad_norm_ does. `step` counts from 1; `norm` is that of all gradients together.
 */
export function stepScalars(
  { beta1, beta2, epsilon, weightDecay, maxGradientNorm }: OptimizerOptions,
  { step, norm, learningRate }: { step: number; norm: number; learningRate: number },
): StepScalars {
  const clip = maxGradientNorm > 0 ? Math.min(1, maxGradientNorm / (norm + 1e-6)) : 1;
  const root = Math.sqrt(1 - beta2 ** step);
  return {
    mean_share: (1 - beta1) * clip,
    variance_share: (1 - beta2) * clip * clip,
    step_size: (learningRate / (1 - beta1 ** step)) * root,
    floor: epsilon * root,
    keep: 1 - learningRate * weightDecay,
  };
}

/** Weight decay is for matrices: vectors are norms and biases. */
export function isDecayed(shape: readonly unknown[]): boolean {
  return shape.length > 1;
}

/**
 * One step of all parameters. Inputs: learning_rate, mean_correction and variance_correction (1 - beta^step), and each
 * parameter with its moments and `gradient.<name>`. Outputs: gradient_norm (before clipping), and each parameter and
 * moment with the prefix `updated.`.
 */
export function buildAllUpdatesGraph(
  trained: ReadonlyMap<string, readonly number[]>,
  options: OptimizerOptions,
): Uint8Array {
  const graph = new Graph();
  const gradients = [...trained].map(([name, shape]) => graph.input(gradientName(name), shape));
  const squares = gradients.map((gradient) => sumOfSquares(graph, gradient)).reduce((a, b) => add(graph, a, b));
  const norm = squareRoot(graph, squares);
  graph.output('gradient_norm', norm);
  const scalars = scalarsInGraph(graph, norm, options);
  for (const [i, [name, shape]] of [...trained].entries()) {
    const names = { parameter: name, ...momentNames(name) };
    const [parameter, mean, variance] = Object.values(names).map((each) => graph.input(each, shape)) as [
      Value,
      Value,
      Value,
    ];
    const keep = isDecayed(shape) ? scalars.keep : graph.scalar(1);
    const updated = updateOf(graph, { parameter, mean, variance }, gradients[i]!, { ...scalars, keep }, options);
    for (const key of ['parameter', 'mean', 'variance'] as const)
      graph.output(updatedPrefix + names[key], updated[key]);
  }
  return graph.encode();
}

/** Name of a parameter's gradient among inputs and outputs. */
export function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

type ScalarValues = Record<keyof StepScalars, Value>;
type State = Record<'parameter' | 'mean' | 'variance', Value>;

/** Each old value is read by one operator, before its successor is written. */
function updateOf(
  graph: Graph,
  { parameter, mean, variance }: State,
  gradient: Value,
  { mean_share, variance_share, step_size, floor, keep }: ScalarValues,
  { beta1, beta2 }: Pick<OptimizerOptions, 'beta1' | 'beta2'>,
): State {
  const square = multiply(graph, gradient, gradient);
  const newMean = add(graph, multiply(graph, mean, graph.scalar(beta1)), multiply(graph, gradient, mean_share));
  const newVariance = add(
    graph,
    multiply(graph, variance, graph.scalar(beta2)),
    multiply(graph, square, variance_share),
  );
  const deviation = add(graph, squareRoot(graph, newVariance), floor);
  const change = divide(graph, multiply(graph, newMean, step_size), deviation);
  return { parameter: subtract(graph, multiply(graph, parameter, keep), change), mean: newMean, variance: newVariance };
}

/** `stepScalars` computed by the graph from the norm that it has just found. */
function scalarsInGraph(
  graph: Graph,
  norm: Value,
  { beta1, beta2, epsilon, weightDecay, maxGradientNorm }: OptimizerOptions,
): ScalarValues {
  const inputs = scalarInputs(graph, ['learning_rate', 'mean_correction', 'variance_correction']);
  const clip =
    maxGradientNorm <= 0
      ? graph.scalar(1)
      : graph.node(
          'Min',
          [graph.scalar(1), divide(graph, graph.scalar(maxGradientNorm), add(graph, norm, graph.scalar(1e-6)))],
          [],
        );
  const root = squareRoot(graph, inputs.variance_correction);
  return {
    mean_share: multiply(graph, clip, graph.scalar(1 - beta1)),
    variance_share: multiply(graph, multiply(graph, clip, clip), graph.scalar(1 - beta2)),
    step_size: multiply(graph, divide(graph, inputs.learning_rate, inputs.mean_correction), root),
    floor: multiply(graph, root, graph.scalar(epsilon)),
    keep: subtract(graph, graph.scalar(1), multiply(graph, inputs.learning_rate, graph.scalar(weightDecay))),
  };
}

function scalarInputs<Name extends string>(graph: Graph, names: readonly Name[]): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, graph.input(name, [])])) as Record<Name, Value>;
}
