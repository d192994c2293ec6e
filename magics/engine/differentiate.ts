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
      const input = after(graph, gradient, entry.input);
      const again = graph.recordApart(input, entry.input, entry.rebuild);
      gradients.set(again.output.name, gradient);
      playBackward(graph, again.tape, gradients, waiting);
      if (graph.needsGradient(entry.input)) accumulate(entry.input, () => gradients.get(input.name)!);
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

/** The same value, but not before `gradient`, of the same shape, is there: what is computed from it again comes late. */
function after(graph: Graph, gradient: Value, value: Value): Value {
  const shape = graph.node('Shape', [gradient], [value.shape.length], { type: 'int64' });
  return graph.node('Reshape', [value, shape], value.shape);
}
