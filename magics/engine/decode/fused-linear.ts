import type { ModelConfig } from '../config.ts';
import { familyOf } from '../families/index.ts';
import type { Graph, Value } from '../graph.ts';
import { add } from '../ops/arithmetic.ts';
import { gemm } from '../ops/matmul.ts';
import { reshape } from '../ops/shape.ts';
import { type LinearGroup, linearGroups } from './linear-groups.ts';
import type { GraphWeights, LoadedWeights } from './loaded-weights.ts';
import type { QuantizedMatrix } from './quantize.ts';
import { rotatedProduct } from './rotated-product.ts';

export interface LinearOptions {
  weights: LoadedWeights;
  /** How quantized matrices are multiplied: in int8, or in float32 after they are restored. */
  arithmetic: 'int8' | 'float32';
  /**
   * How other matrices are multiplied: by Gemm (default), or by Einsum, which on WebGPU computes few rows many times as
   * fast, for it gives each result a thread where Gemm has tiles of many rows.
   */
  products?: 'Gemm' | 'Einsum';
  /** Names of the groups that take adapters, by the inputs `adapterInputs` and adapter_of_row [rows]. */
  adaptedGroups: ReadonlySet<string>;
}

/** Inputs with all adapters' matrices for a group of linear modules: A [adapters, input, rank], B [adapters, rank, output]. */
export function adapterInputs(group: string): { a: string; b: string } {
  return { a: `adapter_a.${group}`, b: `adapter_b.${group}` };
}

/** Linear modules, those of the same input multiplied as one matrix; quantized ones by MatMulNBits. */
export function createFusedLinear(
  graph: Graph,
  config: ModelConfig,
  { weights, arithmetic, products = 'Gemm', adaptedGroups }: LinearOptions,
  graphWeights: GraphWeights,
  perRow: (x: Value) => Value,
) {
  const transposeB = familyOf(config.architecture)!.linearLayout === 'output-input';
  const groupOf = new Map(linearGroups(config).flatMap((group) => group.modules.map(({ name }) => [name, group])));
  const made = new Map<string, Value>();
  const sources = new Map<string, Value>();
  let adapterOfRow: Value | undefined;

  const joined = ({ modules }: LinearGroup, part: 'weight' | 'bias', axis: number): Value => {
    const names = modules.map(({ name }) => `${name}.${part}`);
    return names.length === 1 ? graphWeights.one(names[0]!) : graphWeights.joined(names, axis);
  };

  /** x times a matrix that is held in fewer bits. */
  const quantized = (x: Value, name: string): Value | undefined => {
    const [rotated, matrix] = [weights.rotated?.get(name), weights.quantized.get(name)];
    if (rotated !== undefined) return rotatedProduct(graph, x, name, rotated);
    return matrix && quantizedProduct(graph, x, graphWeights.quantized(name, matrix), matrix, arithmetic);
  };

  const product = (x: Value, group: LinearGroup): Value => {
    const bias = weights.stored.has(`${group.name}.bias`) ? joined(group, 'bias', 0) : undefined;
    const full = () => joined(group, 'weight', transposeB ? 0 : 1);
    const y = quantized(x, group.name);
    if (y === undefined && products === 'Gemm') return gemm(graph, x, full(), { transposeB, bias });
    const product = y ?? einsumProduct(graph, x, full(), transposeB);
    return bias === undefined ? product : add(graph, product, bias);
  };

  /** y + x A B, with the matrices of each row's own adapter. */
  const adapted = (y: Value, x: Value, { name, modules }: LinearGroup): Value => {
    if (!adaptedGroups.has(name)) return y;
    adapterOfRow ??= graph.input('adapter_of_row', ['rows'], 'int64');
    const ofRow = (matrices: Value): Value =>
      graph.node('Gather', [matrices, adapterOfRow!], ['rows', ...matrices.shape.slice(1)]);
    const output = modules.reduce((sum, member) => sum + member.output, 0);
    const names = adapterInputs(name);
    const a = ofRow(graph.input(names.a, ['adapters', modules[0]!.input, `rank.${name}`]));
    const b = ofRow(graph.input(names.b, ['adapters', `rank.${name}`, output]));
    const reduced = graph.node('MatMul', [perRow(x), a], ['rows', 'tokens', `rank.${name}`]);
    const share = graph.node('MatMul', [reduced, b], ['rows', 'tokens', output]);
    return add(graph, y, reshape(graph, share, [-1, output]));
  };

  const apply = (x: Value, module: string): Value => {
    const known = made.get(`${x.name} ${module}`);
    if (known !== undefined) return known;
    const group = groupOf.get(module)!;
    const y = adapted(product(x, group), x, group);
    const parts = group.modules.length === 1 ? [y] : split(graph, y, group);
    for (const [i, { name }] of group.modules.entries()) {
      made.set(`${x.name} ${name}`, parts[i]!);
      if (parts.length > 1) sources.set(parts[i]!.name, y);
    }
    return made.get(`${x.name} ${module}`)!;
  };

  /** The matrix that the three were cut from; the cut itself is dropped from the graph. */
  const packed = (parts: readonly Value[]): Value | undefined => {
    const source = sources.get(parts[0]!.name);
    const cut = graph.nodes.findIndex(({ outputs }) => outputs.join() === parts.map(({ name }) => name).join());
    if (source === undefined || cut === -1) return undefined;
    graph.nodes.splice(cut, 1);
    return source;
  };

  /** Logits by an embedding table [vocabulary, hidden]. */
  const unembed = (hidden: Value, table: string): Value => {
    const logits = quantized(hidden, table);
    if (logits !== undefined) return logits;
    const weight = graphWeights.one(table);
    return products === 'Gemm'
      ? gemm(graph, hidden, weight, { transposeB: true })
      : einsumProduct(graph, hidden, weight, true);
  };
  return { apply, packed, unembed };
}

function split(graph: Graph, y: Value, { modules }: LinearGroup): Value[] {
  const sizes = modules.map(({ output }) => output);
  return graph.nodeWithOutputs(
    'Split',
    [y, graph.integers(sizes)],
    sizes.map((size) => ({ shape: [y.shape[0]!, size], type: 'float32' })),
    { attributes: { axis: { int: 1 } } },
  );
}

/** x W^T; accuracy level 4 multiplies in int8, with x rounded block by block, level 1 in float32. */
function quantizedProduct(
  graph: Graph,
  x: Value,
  stored: readonly [Value, Value],
  { bits, input, output, block }: QuantizedMatrix,
  arithmetic: LinearOptions['arithmetic'],
): Value {
  return graph.node('MatMulNBits', [x, ...stored], [x.shape[0]!, output], {
    domain: 'com.microsoft',
    attributes: {
      K: { int: input },
      N: { int: output },
      bits: { int: bits },
      block_size: { int: block },
      accuracy_level: { int: arithmetic === 'int8' ? 4 : 1 },
    },
  });
}

/** x W^T, or x W. */
function einsumProduct(graph: Graph, x: Value, weight: Value, transposeB: boolean): Value {
  const equation = transposeB ? 'mk,nk->mn' : 'mk,kn->mn';
  const shape = [x.shape[0]!, weight.shape[transposeB ? 0 : 1]!];
  return graph.node('Einsum', [x, weight], shape, { attributes: { equation: { text: equation } } });
}
