import type { Graph, Value } from '../graph.ts';
import { add, multiply, negate, subtract } from './arithmetic.ts';
import { sumAll, sumOver } from './reduce.ts';
import { reshape } from './shape.ts';

/** A label's probability counts as at least this: a loss is at most 87 nats per position. */
const smallestProbability = 1e-38;

/**
 * Sum over positions of weight * -log p(label), a scalar in nats. logits [N, V], labels [N] int64, weights [N, 1].
 * With weights divided by their sum it is the weighted mean. A position of weight 0 may hold any valid label.
 * With smoothing e the target is (1 - e) of the label and e / V of every token (Szegedy et al. 2016, section 7).
 */
export function weightedCrossEntropy(graph: Graph, logits: Value, labels: Value, weights: Value, smoothing = 0): Value {
  const index = reshape(graph, labels, [-1, 1]);
  return smoothing === 0
    ? sharpCrossEntropy(graph, logits, index, weights)
    : smoothCrossEntropy(graph, logits, index, weights, smoothing);
}

/** One softmax serves loss and gradient, p - 1 at the label and p elsewhere: logits need not be kept. */
function sharpCrossEntropy(graph: Graph, logits: Value, index: Value, weights: Value): Value {
  const probabilities = graph.node('Softmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } });
  const ofLabels = atLabels(graph, probabilities, index);
  const bounded = graph.node('Max', [ofLabels, graph.scalar(smallestProbability)], ofLabels.shape);
  const loss = weightedLoss(graph, graph.node('Log', [bounded], ofLabels.shape), weights);
  return graph.record(loss, [logits], (gradient) => [
    () => {
      const atTargets = subtract(graph, ofLabels, graph.scalar(1));
      const difference = scatterAtLabels(graph, probabilities, index, atTargets);
      return multiply(graph, difference, multiply(graph, weights, gradient));
    },
  ]);
}

function smoothCrossEntropy(graph: Graph, logits: Value, index: Value, weights: Value, smoothing: number): Value {
  const share = graph.scalar(smoothing / Number(logits.shape[1]));
  const logProbabilities = graph.node('LogSoftmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } });
  const ofLabels = atLabels(graph, logProbabilities, index);
  const ofAll = multiply(graph, sumOver(graph, logProbabilities, [1]), share);
  const likelihood = add(graph, multiply(graph, ofLabels, graph.scalar(1 - smoothing)), ofAll);
  return graph.record(weightedLoss(graph, likelihood, weights), [logits], (gradient) => [
    () => {
      const probabilities = graph.node('Exp', [logProbabilities], logits.shape);
      const labelShare = subtract(graph, graph.node('Exp', [ofLabels], ofLabels.shape), graph.scalar(1 - smoothing));
      const difference = scatterAtLabels(graph, probabilities, index, labelShare);
      return multiply(graph, subtract(graph, difference, share), multiply(graph, weights, gradient));
    },
  ]);
}

function weightedLoss(graph: Graph, likelihood: Value, weights: Value): Value {
  return negate(graph, sumAll(graph, graph.node('Mul', [likelihood, weights], likelihood.shape)));
}

const alongVocabulary = { attributes: { axis: { int: 1 } } } as const;

function atLabels(graph: Graph, values: Value, index: Value): Value {
  return graph.node('GatherElements', [values, index], [values.shape[0]!, 1], alongVocabulary);
}

function scatterAtLabels(graph: Graph, values: Value, index: Value, updates: Value): Value {
  return graph.node('ScatterElements', [values, index, updates], values.shape, alongVocabulary);
}
