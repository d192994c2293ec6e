import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../magics/engine/differentiate.ts';
import { Graph, type Value } from '../../../magics/engine/graph.ts';
import { embedding } from '../../../magics/engine/ops/embedding.ts';
import { gemm } from '../../../magics/engine/ops/matmul.ts';
import { sumAll } from '../../../magics/engine/ops/reduce.ts';

/** Two layers between an embedding and an output layer that share a table. */
function model() {
  const graph = new Graph();
  const ids = graph.input('ids', [5], 'int64');
  const [table, first, second] = [
    graph.parameter('table', [7, 4]),
    graph.parameter('first', [4, 4]),
    graph.parameter('second', [4, 4]),
  ] as const;
  const hidden = gemm(graph, gemm(graph, embedding(graph, table, ids), first), second);
  const logits = gemm(graph, hidden, table, { transposeB: true });
  const loss = graph.record(sumAll(graph, logits), [logits], (gradient) => [
    () => graph.node('Expand', [gradient, graph.integers([5, 7])], [5, 7]),
  ]);
  return { graph, loss, parameters: [table, first, second] };
}

describe('the gradients of parameters', () => {
  it('are the last nodes and in the order of the parameters: ONNX Runtime goes from the last output back', () => {
    const { graph, loss, parameters } = model();
    const gradients = differentiate(graph, loss, parameters);
    const placeOf = ({ name }: Value) => graph.nodes.findIndex(({ outputs }) => outputs.includes(name));
    const places = gradients.map(placeOf);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const others = graph.nodes.slice(places[0]! + 1).flatMap(({ outputs }) => outputs);
    expect(others).toEqual(gradients.slice(1).map(({ name }) => name));
  });

  it("of a shared table take the embedding's rows onto the output layer's gradient, without a table of zeros", () => {
    const { graph, loss, parameters } = model();
    differentiate(graph, loss, parameters);
    const operators = graph.nodes.map(({ operator }) => operator);
    expect(operators.filter((operator) => operator === 'ScatterND')).toHaveLength(1);
    expect(operators).not.toContain('ConstantOfShape');
    expect(operators).not.toContain('Add');
  });

  it('are missing for a parameter that the loss does not depend on', () => {
    const { graph, loss } = model();
    const unused = graph.parameter('unused', [2]);
    expect(() => differentiate(graph, loss, [unused])).toThrow('The loss does not depend on unused.');
  });
});
