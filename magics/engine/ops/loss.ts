import { type Graph, staticShape, type Value } from '../graph.ts';
import { add, multiply, negate, subtract } from './arithmetic.ts';
import { sumAll, sumOver } from './reduce.ts';
import { reshape } from './shape.ts';

/**
 * Sum over positions of weight * -log p(label), a scalar in nats. logits [N, V], labels [N] int64, weights [N, 1].
 * With weights divided by their sum it is the weighted mean. A position of weight 0 may hold any valid label.
 * With smoothing e the target is (1 - e) of the label and e / V of every token (Szegedy et al. 2016, section 7).
 */
export function weightedCrossEntropy(graph: Graph, logits: Value, labels: Value, weights: Value, smoothing = 0): Value {
  const [positions, vocabulary] = staticShape(logits) as [number, number];
  const index = reshape(graph, labels, [positions, 1]);
  const logProbabilities = graph.node('LogSoftmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } });
  const ofLabels = graph.node('GatherElements', [logProbabilities, index], [positions, 1], {
    attributes: { axis: { int: 1 } },
  });
  const likelihood =
    smoothing === 0
      ? ofLabels
      : add(
          graph,
          multiply(graph, ofLabels, graph.scalar(1 - smoothing)),
          multiply(graph, sumOver(graph, logProbabilities, [1]), graph.scalar(smoothing / vocabulary)),
        );
  const loss = negate(graph, sumAll(graph, graph.node('Mul', [likelihood, weights], [positions, 1])));
  return graph.record(loss, [logits], (gradient) => [
    () => {
      const probabilities = graph.node('Exp', [logProbabilities], logits.shape);
      const atLabels = subtract(graph, graph.node('Exp', [ofLabels], [positions, 1]), graph.scalar(1 - smoothing));
      const difference = graph.node('ScatterElements', [probabilities, index, atLabels], logits.shape, {
        attributes: { axis: { int: 1 } },
      });
      const spread = smoothing === 0 ? difference : subtract(graph, difference, graph.scalar(smoothing / vocabulary));
      return multiply(graph, spread, multiply(graph, weights, gradient));
    },
  ]);
}
