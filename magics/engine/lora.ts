import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import type { LinearLayout } from './families/family.ts';
import { familyOf } from './families/index.ts';
import type { Graph, Value } from './graph.ts';
import { gemm } from './ops/matmul.ts';
import { randomStream } from './random.ts';
import type { Tensor } from './safetensors.ts';
import type { AdapterOptions } from './types.ts';

/** Names of an adapter's two matrices in PEFT: A [rank, input], B [output, rank] of the module's weight [output, input]. */
export function adapterNames(module: string): { a: string; b: string } {
  const prefix = `base_model.model.${module}`;
  return { a: `${prefix}.lora_A.weight`, b: `${prefix}.lora_B.weight` };
}

/** A linear module of a model's layers. */
export interface LinearModule {
  /** Its full name, e.g. model.layers.0.self_attn.q_proj. */
  name: string;
  input: number;
  output: number;
}

/** The linear modules of all layers; neither embeddings nor lm_head are among them. */
export function linearModules(config: ModelConfig): LinearModule[] {
  const { parameters, linearLayout } = familyOf(config.architecture)!;
  return parameters(config).flatMap(({ name, shape }) => {
    if (shape.length !== 2 || !/\.\d+\./.test(name)) return [];
    const [rows, columns] = shape as [number, number];
    const sizes = linearLayout === 'output-input' ? { output: rows, input: columns } : { input: rows, output: columns };
    return [{ name: moduleOf(name), ...sizes }];
  });
}

/**
 * Modules that `targets` name as PEFT reads them: by a name's last parts (`q_proj`, `mlp.c_proj`), or all with
 * `all-linear`. UserError for a name that matches none.
 */
export function adaptedModules(config: ModelConfig, targets: readonly string[]): LinearModule[] {
  const modules = linearModules(config);
  if (targets.includes('all-linear')) return modules;
  const matches = ({ name }: LinearModule, target: string): boolean => name === target || name.endsWith(`.${target}`);
  const unknown = targets.find((target) => !modules.some((module) => matches(module, target)));
  if (unknown !== undefined) throw unknownTargetModule(unknown, config, modules);
  return modules.filter((module) => targets.some((target) => matches(module, target)));
}

/** The module of a weight: its name without `.weight`. */
export function moduleOf(weight: string): string {
  return weight.replace(/\.weight$/, '');
}

/** A new adapter as PEFT starts it: A uniform in +-1/sqrt(input), B zero, so that the model is unchanged. */
export function initializeAdapter(modules: readonly LinearModule[], rank: number, seed: number): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const { name, input, output } of modules) {
    const { a, b } = adapterNames(name);
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
  return gemm(graph, reduced, b, { transposeB: true, alpha: scale, bias: y });
}

/** W + scale * B A, the weight that acts like layer and adapter together. A [rank, input], B [output, rank], W in `layout`. */
export function mergeAdapter(weight: Tensor, a: Tensor, b: Tensor, scale: number, layout: LinearLayout): Tensor {
  const data = Float32Array.from(weight.data);
  const [rank, input] = a.shape as [number, number];
  const output = b.shape[0]!;
  const [rowStride, columnStride] = layout === 'output-input' ? [input, 1] : [1, output];
  for (let row = 0; row < output; row++) {
    for (let k = 0; k < rank; k++) {
      const factor = scale * b.data[row * rank + k]!;
      for (let column = 0; column < input; column++) {
        data[row * rowStride + column * columnStride]! += factor * a.data[k * input + column]!;
      }
    }
  }
  return { shape: weight.shape, data };
}

export function adapterScale({ alpha, rank }: AdapterOptions): number {
  return alpha / rank;
}

function unknownTargetModule(target: string, config: ModelConfig, modules: readonly LinearModule[]): UserError {
  const known = [...new Set(modules.map(({ name }) => name.split('.').at(-1)!))].join(', ');
  return new UserError(
    `No module "${target}" for the adapter in this ${config.architecture}. Valid target modules: ${known}, or all-linear.`,
  );
}
