import { differentiate } from '../../../magics/engine/differentiate.ts';
import { elementCount, Graph, staticShape, type Value } from '../../../magics/engine/graph.ts';
import { multiply } from '../../../magics/engine/ops/arithmetic.ts';
import { randomStream } from '../../../magics/engine/random.ts';
import { createSession, resolveDevice } from '../../../magics/engine/session.ts';
import type { Device } from '../../../magics/engine/types.ts';

/** Builds an operator's output from its differentiable inputs. */
export type BuildOutput = (graph: Graph, inputs: Value[]) => Value;

/**
 * The largest difference between the gradients of `build` and central finite differences, over every element of every
 * input, relative to the largest gradient. The loss is the sum of the output under random weights.
 */
export async function gradientError(
  shapes: readonly (readonly number[])[],
  build: BuildOutput,
  { inputs = shapes.map(randomTensor), device = 'cpu' }: { inputs?: Float32Array[]; device?: Device } = {},
): Promise<number> {
  const graph = new Graph();
  const parameters = shapes.map((shape, i) => graph.parameter(`input${i}`, shape));
  const loss = weightedSum(graph, build(graph, parameters));
  const gradients = differentiate(graph, loss, parameters);
  graph.output('loss', loss);
  for (const [i, gradient] of gradients.entries()) graph.output(`gradient${i}`, gradient);
  const session = await createSession(graph.encode(), { device, threads: 1 });
  const run = async () =>
    session.run(
      Object.fromEntries(inputs.map((data, i) => [`input${i}`, { type: 'float32', data, dims: shapes[i]! }])),
    );
  const lossOf = async () => Number((await run()).loss!.data[0]);
  const outputs = await run();
  const step = 1e-2;
  let worst = 0;
  let largest = 0;
  for (const [i, input] of inputs.entries()) {
    const gradient = outputs[`gradient${i}`]!.data as Float32Array;
    for (let j = 0; j < input.length; j++) {
      const kept = input[j]!;
      input[j] = kept + step;
      const above = await lossOf();
      input[j] = kept - step;
      const below = await lossOf();
      input[j] = kept;
      worst = Math.max(worst, Math.abs((above - below) / (2 * step) - gradient[j]!));
      largest = Math.max(largest, Math.abs(gradient[j]!));
    }
  }
  await session.release();
  return worst / largest;
}

/** The processor, and the machine's graphics device: a real one, or a software renderer named by VK_ICD_FILENAMES. */
export async function devicesHere(): Promise<Device[]> {
  const best = await resolveDevice(process.env.VK_ICD_FILENAMES === undefined ? 'auto' : 'webgpu');
  return best === 'cpu' ? ['cpu'] : ['cpu', best];
}

/** Standard normal numbers that depend on the shape and place alone. */
export function randomTensor(shape: readonly number[], place = 0): Float32Array {
  const random = randomStream('test', place, shape.join());
  return Float32Array.from({ length: elementCount(shape) }, () => random.normal());
}

function weightedSum(graph: Graph, output: Value): Value {
  const shape = staticShape(output);
  const weighted = multiply(graph, output, graph.initializer('loss_weights', shape, randomTensor(shape, 99)));
  const count = elementCount(shape);
  const flat = graph.node('Reshape', [weighted, graph.integers([1, count])], [1, count]);
  const row = graph.record(flat, [weighted], (gradient) => [
    () => graph.node('Reshape', [gradient, graph.integers(shape)], shape),
  ]);
  const sum = graph.node('ReduceSum', [row], [], { attributes: { keepdims: { int: 0 } } });
  const ones = graph.initializer('loss_ones', [1, count], new Float32Array(count).fill(1));
  return graph.record(sum, [row], (gradient) => [() => multiply(graph, ones, gradient)]);
}
