import type { Graph, Value } from '../graph.ts';
import { reshape } from '../ops/shape.ts';

/** Makes logits [n, vocabulary], the likeliest token of each row [n] and its log-probability [n] outputs of the graph. */
export function addLogitOutputs(graph: Graph, logits: Value): void {
  const axis = { attributes: { axis: { int: 1 } } };
  // ArgMax takes half as long again.
  const [, best] = graph.nodeWithOutputs(
    'TopK',
    [logits, graph.integers([1])],
    [
      { shape: ['selected', 1], type: 'float32' },
      { shape: ['selected', 1], type: 'int64' },
    ],
    axis,
  ) as [Value, Value];
  const all = graph.node('LogSoftmax', [logits], logits.shape, axis);
  graph.output('logits', logits);
  graph.output('best', reshape(graph, best, [-1]));
  graph.output(
    'best_log_probability',
    reshape(graph, graph.node('GatherElements', [all, best], ['selected', 1], axis), [-1]),
  );
}

/**
 * The same by operators that WebGPU computes in parallel: it has no LogSoftmax, sorts all logits for TopK, and gives each
 * row of ArgMax a single thread. Where several tokens are likeliest, the first is taken.
 */
export function addPlainLogitOutputs(graph: Graph, logits: Value): void {
  const vocabulary = Number(logits.shape[1]);
  const perRow = (operator: string, x: Value): Value =>
    graph.node(operator, [x, graph.integers([1])], ['selected', 1], { attributes: { keepdims: { int: 1 } } });
  const largest = perRow('ReduceMax', logits);
  const isLargest = graph.node('Equal', [logits, largest], logits.shape, { type: 'bool' });
  const places = Float32Array.from({ length: vocabulary }, (_, i) => i);
  const place = graph.node(
    'Where',
    [isLargest, graph.shared('tokens', [vocabulary], places, 'float32'), graph.scalar(vocabulary - 1)],
    logits.shape,
  );
  const best = graph.node('Cast', [perRow('ReduceMin', place)], ['selected', 1], {
    attributes: { to: { int: 7 } },
    type: 'int64',
  });
  // Counted from the largest, no exponential is too large.
  const below = graph.node('Sub', [logits, largest], logits.shape);
  const logProbability = graph.node('Neg', [perRow('ReduceLogSumExp', below)], ['selected', 1]);
  graph.output('logits', logits);
  graph.output('best', reshape(graph, best, [-1]));
  graph.output('best_log_probability', reshape(graph, logProbability, [-1]));
}
