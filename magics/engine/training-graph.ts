import { addAdamW } from './adamw.ts';
import type { ModelConfig } from './config.ts';
import { differentiate } from './differentiate.ts';
import { familyOf } from './families/index.ts';
import { Graph, type Value } from './graph.ts';
import { embedding } from './ops/embedding.ts';
import { weightedCrossEntropy } from './ops/loss.ts';
import { createTrainingBuilder, type DropoutMask } from './training-builder.ts';
import type { OptimizerOptions } from './types.ts';

export interface TrainingGraphOptions {
  config: ModelConfig;
  rows: number;
  sequenceTokens: number;
  /** Shapes of what is trained, and of the weights that stay as they are. All are inputs: sessions share them. */
  trained: ReadonlyMap<string, readonly number[]>;
  frozen: ReadonlyMap<string, readonly number[]>;
  adapterScale?: number;
  adapterDropout: number;
  residualDropout: number;
  /** How many positions get logits, chosen by the input loss_positions; absent: all of them. */
  lossPositions?: number;
  /** Share of the probability mass that training spreads over the whole vocabulary; 0 by default. */
  labelSmoothing?: number;
}

export interface BuiltGraph {
  model: Uint8Array;
  masks: readonly DropoutMask[];
}

/** Forward, backward and AdamW: inputs input_ids, labels, weights (pre-divided by their sum); outputs loss and `addAdamW`'s. */
export function buildStepGraph(options: TrainingGraphOptions, optimizer: OptimizerOptions): BuiltGraph {
  const { graph, loss, parameters, masks } = buildLoss(options);
  addAdamW(graph, parameters, differentiate(graph, loss, parameters), optimizer);
  graph.output('loss', loss);
  return { model: graph.encode(), masks };
}

/** Forward and backward; outputs loss and `gradient.<name>` for each trained parameter. */
export function buildGradientGraph(options: TrainingGraphOptions): BuiltGraph {
  const { graph, loss, parameters, masks } = buildLoss(options);
  const gradients = differentiate(graph, loss, parameters);
  for (const [i, parameter] of parameters.entries()) graph.output(gradientName(parameter.name), gradients[i]!);
  graph.output('loss', loss);
  return { model: graph.encode(), masks };
}

/** AdamW alone, with the gradients as inputs `gradient.<name>`: the end of a step that was accumulated. */
export function buildUpdateGraph(trained: TrainingGraphOptions['trained'], optimizer: OptimizerOptions): Uint8Array {
  const graph = new Graph();
  const parameters = [...trained].map(([name, shape]) => graph.input(name, shape));
  const gradients = parameters.map(({ name, shape }) => graph.input(gradientName(name), shape));
  addAdamW(graph, parameters, gradients, optimizer);
  return graph.encode();
}

/** Forward only, without dropout: outputs loss (weighted sum, nats) and predictions (argmax, int64 [N]). */
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

export function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

function buildLoss(options: TrainingGraphOptions): {
  graph: Graph;
  loss: Value;
  logits: Value;
  parameters: Value[];
  masks: readonly DropoutMask[];
} {
  const { config, rows, sequenceTokens, trained, frozen } = options;
  const graph = new Graph();
  const positions = options.lossPositions ?? rows * sequenceTokens;
  const inputIds = graph.input('input_ids', [rows, sequenceTokens], 'int64');
  const labels = graph.input('labels', [positions], 'int64');
  const weights = graph.input('weights', [positions, 1]);
  const parameters = [...trained].map(([name, shape]) => graph.parameter(name, shape));
  const constants = [...frozen].map(([name, shape]) => graph.input(name, shape));
  const builder = createTrainingBuilder(graph, {
    ...options,
    weights: new Map([...parameters, ...constants].map((value) => [value.name, value])),
  });
  const family = familyOf(config.architecture)!;
  const hidden = family.hiddenStates(builder, config, inputIds);
  const chosen =
    options.lossPositions === undefined
      ? hidden
      : embedding(graph, hidden, graph.input('loss_positions', [positions], 'int64'));
  const logits = family.logits(builder, config, chosen);
  const loss = weightedCrossEntropy(graph, logits, labels, weights, options.labelSmoothing);
  return { graph, loss, logits, parameters, masks: builder.masks };
}
