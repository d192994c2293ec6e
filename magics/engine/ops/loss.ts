import { type Graph, staticShape, type Value } from '../graph.ts';
import { multiply, negate, subtract } from './arithmetic.ts';
import { sumAll } from './reduce.ts';
import { reshape } from './shape.ts';

/**
 * Sum over positions of weight * -log p(label), a scalar in nats. logits [N, V], labels [N] int64, weights [N, 1].
 * With weights divided by their sum it is the weighted mean. A position of weight 0 may hold any valid label.
 */
export function weightedCrossEntropy(graph: Graph, logits: Value, labels: Value, weights: Value): Value {
  const [positions] = staticShape(logits) as [number, number];
  const index = reshape(graph, labels, [positions, 1]);
  const logProbabilities = graph.node('LogSoftmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } });
  const ofLabels = graph.node('GatherElements', [logProbabilities, index], [positions, 1], {
    attributes: { axis: { int: 1 } },
  });
  const loss = negate(graph, sumAll(graph, graph.node('Mul', [ofLabels, weights], [positions, 1])));
  return graph.record(loss, [logits], (gradient) => [
    () => {
      const probabilities = graph.node('Exp', [logProbabilities], logits.shape);
      const atLabels = subtract(graph, graph.node('Exp', [ofLabels], [positions, 1]), graph.scalar(1));
      const difference = graph.node('ScatterElements', [probabilities, index, atLabels], logits.shape, {
        attributes: { axis: { int: 1 } },
      });
      return multiply(graph, difference, multiply(graph, weights, gradient));
    },
  ]);
}
