import { elementCount, type Graph, staticShape, type Value } from '../graph.ts';
import { reshape } from './shape.ts';

/** Rows of `table` [V, H] at `ids` (int64, any shape): [..., H]. */
export function embedding(graph: Graph, table: Value, ids: Value): Value {
  const rows = graph.node('Gather', [table, ids], [...ids.shape, ...table.shape.slice(1)], {
    attributes: { axis: { int: 0 } },
  });
  return graph.record(rows, [table], (gradient) => [() => scatterRows(graph, table, ids, gradient)]);
}

/** Adds the rows of `gradient` up into a table of zeros, at `ids`. */
function scatterRows(graph: Graph, table: Value, ids: Value, gradient: Value): Value {
  const [, width] = staticShape(table) as [number, number];
  const count = elementCount(staticShape(ids));
  const zeros = graph.node('ConstantOfShape', [graph.integers(staticShape(table))], table.shape);
  return graph.node(
    'ScatterND',
    [zeros, reshape(graph, ids, [count, 1]), reshape(graph, gradient, [count, width])],
    table.shape,
    { attributes: { reduction: { text: 'add' } } },
  );
}
