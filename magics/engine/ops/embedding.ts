import type { Graph, Value } from '../graph.ts';
import { reshape } from './shape.ts';

/** Rows of `table` [V, H] at `ids` (int64, any shape): [..., H]. */
export function embedding(graph: Graph, table: Value, ids: Value): Value {
  const rows = graph.node('Gather', [table, ids], [...ids.shape, ...table.shape.slice(1)], {
    attributes: { axis: { int: 0 } },
  });
  return graph.record(rows, [table], (gradient) => [{ onto: (sum) => scatterRows(graph, table, ids, gradient, sum) }]);
}

/** Adds the rows of `gradient` to those of `sum`, or of a table of zeros, at `ids`. */
function scatterRows(graph: Graph, table: Value, ids: Value, gradient: Value, sum: Value | undefined): Value {
  return graph.node(
    'ScatterND',
    [sum ?? zerosLike(graph, table), reshape(graph, ids, [-1, 1]), reshape(graph, gradient, [-1, table.shape[1]!])],
    table.shape,
    { attributes: { reduction: { text: 'add' } } },
  );
}

function zerosLike(graph: Graph, table: Value): Value {
  return graph.node('ConstantOfShape', [graph.sizes(table.shape)], table.shape);
}
