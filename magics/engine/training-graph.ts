import { gradientName } from './adamw.ts';
import type { ModelConfig } from './config.ts';
import { differentiate } from './differentiate.ts';
import { familyOf } from './families/index.ts';
import { addFrozenWeight, type FrozenWeight } from './frozen-weight.ts';
import { Graph, type Value } from './graph.ts';
import { add } from './ops/arithmetic.ts';
import { embedding } from './ops/embedding.ts';
import { weightedCrossEntropy } from './ops/loss.ts';
import { gemm } from './ops/matmul.ts';
import { quantizedLinear } from './ops/quantized.ts';
import { createTrainingBuilder, type DropoutMask } from './training-builder.ts';

export { gradientName } from './adamw.ts';

export interface TrainingGraphOptions {
  config: ModelConfig;
  /** Longest sequence that will be trained on, in tokens. */
  longestTokens: number;
  /** Shapes of what is trained; each is an input. */
  trained: ReadonlyMap<string, readonly number[]>;
  /** Weights that stay as they are; each is a constant, which ONNX Runtime arranges for its products once. */
  frozen: ReadonlyMap<string, FrozenWeight>;
  adapterScale?: number;
  adapterDropout: number;
  residualDropout: number;
  /** Share of the probability mass that training spreads over the whole vocabulary; 0 by default. */
  labelSmoothing?: number;
  /** Compute the activations of each layer again for the gradients instead of keeping them. */
  recomputesLayers?: boolean;
  /** Positions whose attention is computed at a time, see `attendInBlocks`; all of them by default. */
  attentionBlockSize?: number;
}

export interface BuiltGraph {
  model: Uint8Array;
  masks: readonly DropoutMask[];
}

/**
 * Forward and backward; outputs loss and `gradient.<name>` for each trained parameter. With `accumulates` the inputs
 * `sum.<name>` are added to the gradients.
 */
export function buildGradientGraph(options: TrainingGraphOptions, { accumulates = false } = {}): BuiltGraph {
  const { graph, loss, parameters, masks } = buildLoss(options);
  const gradients = differentiate(graph, loss, parameters);
  for (const [i, { name, shape }] of parameters.entries()) {
    const gradient = gradients[i]!;
    const sum = accumulates ? add(graph, graph.input(sumName(name), shape), gradient) : gradient;
    graph.output(gradientName(name), sum);
  }
  graph.output('loss', loss);
  return { model: graph.encode(), masks };
}

/** Forward only, without dropout: outputs loss (weighted sum, nats) and predictions (argmax, int64 [chosen]). */
export function buildEvaluationGraph(options: TrainingGraphOptions): BuiltGraph {
  const { graph, loss, logits } = buildLoss({ ...options, adapterDropout: 0, residualDropout: 0, labelSmoothing: 0 });
  graph.output('loss', loss);
  const predictions = graph.node('ArgMax', [logits], [logits.shape[0]!], {
    attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
    type: 'int64',
  });
  graph.output('predictions', predictions);
  return { model: graph.encode(), masks: [] };
}

export function sumName(parameter: string): string {
  return `sum.${parameter}`;
}

/**
 * The weighted loss of a batch of any size. Inputs: input_ids and positions [rows, tokens]; attention_mask
 * [rows or 1, 1, 1, tokens, tokens], 0 or very negative; loss_positions [chosen], which of the rows * tokens positions
 * get logits; labels [chosen]; weights [chosen, 1], divided by their sum; and every trained parameter.
 */
function buildLoss(options: TrainingGraphOptions): {
  graph: Graph;
  loss: Value;
  logits: Value;
  parameters: Value[];
  masks: readonly DropoutMask[];
} {
  const { config, trained, frozen } = options;
  const graph = new Graph();
  const inputIds = graph.input('input_ids', ['rows', 'tokens'], 'int64');
  const positions = graph.input('positions', ['rows', 'tokens'], 'int64');
  const attentionMask = graph.input('attention_mask', ['mask_rows', 1, 1, 'tokens', 'tokens']);
  const chosen = graph.input('loss_positions', ['chosen'], 'int64');
  const labels = graph.input('labels', ['chosen'], 'int64');
  const weights = graph.input('weights', ['chosen', 1]);
  const parameters = [...trained].map(([name, shape]) => graph.parameter(name, shape));
  defineSizes(graph, inputIds);
  const weight = createWeights(graph, parameters, frozen);
  const builder = createTrainingBuilder(graph, {
    ...options,
    positions,
    attentionMask,
    weight,
    hasWeight: (name) => trained.has(name) || frozen.has(name),
    linear: createLinear(graph, options, weight),
  });
  const family = familyOf(config.architecture)!;
  const hidden = family.hiddenStates(builder, config, inputIds);
  const logits = family.logits(builder, config, embedding(graph, hidden, chosen));
  const loss = weightedCrossEntropy(graph, logits, labels, weights, options.labelSmoothing);
  return { graph, loss, logits, parameters, masks: builder.masks };
}

function defineSizes(graph: Graph, inputIds: Value): void {
  const shape = graph.node('Shape', [inputIds], [2], { type: 'int64' });
  for (const [axis, name] of ['rows', 'tokens'].entries()) {
    graph.defineDimension(name, graph.node('Gather', [shape, graph.integers([axis])], [1], { type: 'int64' }));
  }
}

/** Weights by name: parameters, and frozen ones that enter the graph when they are first asked for. */
function createWeights(graph: Graph, parameters: readonly Value[], frozen: TrainingGraphOptions['frozen']) {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  return (name: string): Value => {
    const value = known.get(name) ?? addFrozenWeight(graph, name, frozen.get(name));
    known.set(name, value);
    return value;
  };
}

/** Linear modules: by their weight as the family stores it, or by its four-bit copy. */
function createLinear(
  graph: Graph,
  { config, trained, frozen }: TrainingGraphOptions,
  weight: (name: string) => Value,
) {
  const transposeB = familyOf(config.architecture)!.linearLayout === 'output-input';
  return (x: Value, module: string): Value => {
    const name = `${module}.weight`;
    const biasName = `${module}.bias`;
    const bias = trained.has(biasName) || frozen.has(biasName) ? weight(biasName) : undefined;
    const stored = frozen.get(name);
    if (stored !== undefined && 'quantized' in stored) return quantizedLinear(graph, x, name, stored.quantized, bias);
    return gemm(graph, x, weight(name), { transposeB, bias });
  };
}
