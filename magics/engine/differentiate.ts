import type { Contribution, Graph, TapeEntry, Value } from './graph.ts';
import { add } from './ops/arithmetic.ts';

/**
 * Adds the reverse-mode gradients of a scalar `loss` to the graph, one per parameter and of its shape.
 * The tape is played backward once; contributions from several uses of a value are added up.
 *
 * The parameters' own gradients come last and in their order: ONNX Runtime follows the graph from its last output
 * back, so that each layer's are computed as soon as they can be, and its activations freed.
 */
export function differentiate(graph: Graph, loss: Value, parameters: readonly Value[]): Value[] {
  const gradients = new Map<string, Value>([[loss.name, graph.scalar(1)]]);
  const waiting = new Map<string, Contribution[]>(parameters.map(({ name }) => [name, []]));
  return graph.withoutRecording(() => {
    playBackward(graph, graph.tape, gradients, waiting);
    return parameters.map(({ name }) => {
      const gradient = waiting.get(name)!.reduce<Value | undefined>((sum, one) => addUp(graph, sum, one), undefined);
      if (gradient === undefined) throw new Error(`The loss does not depend on ${name}.`);
      return gradient;
    });
  });
}

/** Extends `gradients`, by the name of the value that each belongs to, from the outputs on a tape to its inputs. */
function playBackward(
  graph: Graph,
  tape: readonly TapeEntry[],
  gradients: Map<string, Value>,
  waiting: ReadonlyMap<string, Contribution[]>,
): void {
  const accumulate = (input: Value, contribution: Contribution) => {
    const later = waiting.get(input.name);
    if (later !== undefined) later.push(contribution);
    else gradients.set(input.name, addUp(graph, gradients.get(input.name), contribution));
  };
  for (const entry of [...tape].reverse()) {
    const gradient = gradients.get(entry.output.name);
    if (gradient === undefined) continue;
    if ('rebuild' in entry) {
      const inputs = after(graph, gradient, entry.inputs);
      const again = graph.recordApart(inputs, entry.inputs, entry.rebuild);
      gradients.set(again.output.name, gradient);
      playBackward(graph, again.tape, gradients, waiting);
      for (const [i, input] of entry.inputs.entries()) {
        if (graph.needsGradient(input)) accumulate(input, () => gradients.get(inputs[i]!.name)!);
      }
      continue;
    }
    const contributions = entry.backward(gradient);
    for (const [i, input] of entry.inputs.entries()) {
      if (graph.needsGradient(input)) accumulate(input, contributions[i]!);
    }
  }
}

function addUp(graph: Graph, sum: Value | undefined, contribution: Contribution): Value {
  if ('onto' in contribution) return contribution.onto(sum);
  return sum === undefined ? contribution() : add(graph, sum, contribution());
}

/** The same values, but not before `gradient` is there: what is computed from them again comes late. */
function after(graph: Graph, gradient: Value, values: readonly Value[]): Value[] {
  const shape = graph.node('Shape', [gradient], [gradient.shape.length], { type: 'int64' });
  const size = graph.node('Gather', [shape, graph.integers([0])], [1], { type: 'int64' });
  const zero = graph.node('Sub', [size, size], [1], { type: 'int64' });
  return values.map((value) => {
    const sizes = graph.node('Add', [graph.sizes(value.shape), zero], [value.shape.length], { type: 'int64' });
    return graph.node('Reshape', [value, sizes], value.shape, { attributes: { allowzero: { int: 1 } } });
  });
}
