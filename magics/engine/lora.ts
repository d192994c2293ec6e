import { UserError } from '../errors.ts';
import type { ParameterSpec } from './families/family.ts';
import type { Graph, Value } from './graph.ts';
import { add } from './ops/arithmetic.ts';
import { gemm } from './ops/matmul.ts';
import { randomStream } from './random.ts';
import type { Tensor } from './safetensors.ts';
import type { AdapterOptions } from './types.ts';

/** Names of an adapter's two matrices in PEFT: A [rank, input], B [output, rank] of the module's weight [output, input]. */
export function adapterNames(module: string): { a: string; b: string } {
  const prefix = `base_model.model.${module}`;
  return { a: `${prefix}.lora_A.weight`, b: `${prefix}.lora_B.weight` };
}

/** Modules of the model that `targetModules` names by their last part. UserError for a name that matches none. */
export function adaptedModules(
  parameters: readonly ParameterSpec[],
  targetModules: readonly string[],
): ParameterSpec[] {
  const linear = parameters.filter(({ name, shape }) => shape.length === 2 && /layers\.\d+\./.test(name));
  const known = [...new Set(linear.map(({ name }) => lastPart(name)))];
  const unknown = targetModules.find((target) => !known.includes(target));
  if (unknown !== undefined) throw unknownTargetModule(unknown, known);
  return linear.filter(({ name }) => targetModules.includes(lastPart(name)));
}

/** The module of a weight: its name without `.weight`. */
export function moduleOf(weight: string): string {
  return weight.replace(/\.weight$/, '');
}

/** A new adapter as PEFT starts it: A uniform in +-1/sqrt(input), B zero, so that the model is unchanged. */
export function initializeAdapter(modules: readonly ParameterSpec[], rank: number, seed: number): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of modules) {
    const [output, input] = shape as [number, number];
    const { a, b } = adapterNames(moduleOf(name));
    const random = randomStream(seed, a);
    const bound = 1 / Math.sqrt(input);
    const data = Float32Array.from({ length: rank * input }, () => (random.uniform() * 2 - 1) * bound);
    tensors.set(a, { shape: [rank, input], data });
    tensors.set(b, { shape: [output, rank], data: new Float32Array(output * rank) });
  }
  return tensors;
}

/** y + alpha / rank * x A^T B^T: the adapter's share of a linear layer's output. x [N, input], y [N, output]. */
export function applyAdapter(
  graph: Graph,
  y: Value,
  x: Value,
  { a, b, scale }: { a: Value; b: Value; scale: number },
): Value {
  const reduced = gemm(graph, x, a, { transposeB: true });
  return add(graph, y, gemm(graph, reduced, b, { transposeB: true, alpha: scale }));
}

/** W + alpha / rank * B A, the weight that acts like layer and adapter together. */
export function mergeAdapter(weight: Tensor, a: Tensor, b: Tensor, scale: number): Tensor {
  const [output, input] = weight.shape as [number, number];
  const rank = a.shape[0]!;
  const data = Float32Array.from(weight.data);
  for (let row = 0; row < output; row++) {
    for (let k = 0; k < rank; k++) {
      const factor = scale * b.data[row * rank + k]!;
      for (let column = 0; column < input; column++) {
        data[row * input + column]! += factor * a.data[k * input + column]!;
      }
    }
  }
  return { shape: weight.shape, data };
}

export function adapterScale({ alpha, rank }: AdapterOptions): number {
  return alpha / rank;
}

function lastPart(weight: string): string {
  return moduleOf(weight).split('.').at(-1)!;
}

function unknownTargetModule(target: string, known: readonly string[]): UserError {
  return new UserError(
    `No module "${target}" for the adapter in this model. Valid target modules: ${known.join(', ')}.`,
  );
}
