import type { Graph, Value } from './graph.ts';
import { add } from './ops/arithmetic.ts';

/**
 * Adds the reverse-mode gradients of a scalar `loss` to the graph, one per parameter and of its shape.
 * The tape is played backward once; contributions from several uses of a value are added up.
 */
export function differentiate(graph: Graph, loss: Value, parameters: readonly Value[]): Value[] {
  const gradients = new Map<string, Value>([[loss.name, graph.scalar(1)]]);
  graph.withoutRecording(() => {
    for (const { output, inputs, backward } of [...graph.tape].reverse()) {
      const gradient = gradients.get(output.name);
      if (gradient === undefined) continue;
      const contributions = backward(gradient);
      for (const [i, input] of inputs.entries()) {
        if (!graph.needsGradient(input)) continue;
        const contribution = contributions[i]!();
        const sum = gradients.get(input.name);
        gradients.set(input.name, sum === undefined ? contribution : add(graph, sum, contribution));
      }
    }
  });
  return parameters.map((parameter) => {
    const gradient = gradients.get(parameter.name);
    if (gradient === undefined) throw new Error(`The loss does not depend on ${parameter.name}.`);
    return gradient;
  });
}
