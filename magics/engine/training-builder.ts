import type { ModelConfig } from './config.ts';
import type { ModelBuilder } from './families/family.ts';
import { type Graph, staticShape, type Value } from './graph.ts';
import { adapterNames, applyAdapter } from './lora.ts';
import { dropout, softmax } from './ops/activation.ts';
import { add, multiply } from './ops/arithmetic.ts';
import { gemm, matmul, transposeLast } from './ops/matmul.ts';
import { type RotaryTables, rotary } from './ops/rotary.ts';
import { reshape, transpose } from './ops/shape.ts';
import { rotaryAngles } from './rotary-angles.ts';

export interface TrainingBuilderOptions {
  config: ModelConfig;
  rows: number;
  sequenceTokens: number;
  /** Every weight and adapter matrix, by name. */
  weights: ReadonlyMap<string, Value>;
  /** alpha / rank; absent without an adapter. */
  adapterScale?: number;
  /** Dropout on the input of adapters, and on embeddings and residual branches; 0 is none. */
  adapterDropout: number;
  residualDropout: number;
}

/** A mask that the trainer must feed: true where an element is kept. */
export interface DropoutMask {
  name: string;
  elements: number;
  shape: readonly number[];
  keepProbability: number;
}

/** Builds a family's layers for whole right-padded sequences of a fixed shape, so that they can be differentiated. */
export function createTrainingBuilder(
  graph: Graph,
  options: TrainingBuilderOptions,
): ModelBuilder & { masks: readonly DropoutMask[] } {
  const { config, rows, sequenceTokens, weights, adapterScale } = options;
  const masks: DropoutMask[] = [];
  const dropped = new Map<string, Value>();
  const attention = createAttention(graph, config, rows, sequenceTokens);

  const weight = (name: string): Value => {
    const value = weights.get(name);
    if (value === undefined) throw new Error(`The graph has no weight ${name}.`);
    return value;
  };

  const drop = (x: Value, probability: number): Value => {
    if (probability === 0) return x;
    const shape = staticShape(x);
    const mask = {
      name: `dropout.${masks.length}`,
      shape,
      elements: shape.reduce((a, b) => a * b),
      keepProbability: 1 - probability,
    };
    masks.push(mask);
    return dropout(graph, x, graph.input(mask.name, shape, 'bool'), mask.keepProbability);
  };

  /** Adapters that read the same input share its mask. */
  const adapterInput = (x: Value): Value => {
    const known = dropped.get(x.name);
    if (known !== undefined) return known;
    const value = drop(x, options.adapterDropout);
    dropped.set(x.name, value);
    return value;
  };

  const linear = (x: Value, module: string): Value => {
    const y = gemm(graph, x, weight(`${module}.weight`), { transposeB: true });
    const names = adapterNames(module);
    if (adapterScale === undefined || !weights.has(names.a)) return y;
    return applyAdapter(graph, y, adapterInput(x), { a: weight(names.a), b: weight(names.b), scale: adapterScale });
  };

  return {
    graph,
    masks,
    weight,
    linear,
    dropout: (x) => drop(x, options.residualDropout),
    attention: (_layer, query, key, value) => attention(query, key, value),
  };
}

/**
 * Causal attention over rows of T positions. Query heads that share a key-value head are stacked along T,
 * so that one batched product [rows, keyValueHeads, group * T, D] serves both plain and grouped-query attention.
 */
function createAttention(graph: Graph, config: ModelConfig, rows: number, T: number) {
  const { heads, keyValueHeads, headSize } = config;
  const group = heads / keyValueHeads;
  const positions = graph.initializer('positions', [rows, T], positionIds(rows, T), 'int64');
  const tables = rotaryTables(graph, config, T);
  const mask = graph.initializer('causal_mask', [1, 1, 1, T, T], causalMask(T));
  const splitHeads = (x: Value, count: number) =>
    transpose(graph, reshape(graph, x, [rows, T, count, headSize]), [0, 2, 1, 3]);

  return (query: Value, key: Value, value: Value): Value => {
    const q = rotary(graph, splitHeads(query, heads), positions, tables);
    const k = rotary(graph, splitHeads(key, keyValueHeads), positions, tables);
    const v = splitHeads(value, keyValueHeads);
    const stacked = reshape(graph, q, [rows, keyValueHeads, group * T, headSize]);
    const scaled = multiply(graph, stacked, graph.scalar(1 / Math.sqrt(headSize)));
    const scores = matmul(graph, scaled, transposeLast(graph, k));
    const masked = add(graph, reshape(graph, scores, [rows, keyValueHeads, group, T, T]), mask);
    const shares = reshape(graph, softmax(graph, masked), [rows, keyValueHeads, group * T, T]);
    const mixed = reshape(graph, matmul(graph, shares, v), [rows, heads, T, headSize]);
    return reshape(graph, transpose(graph, mixed, [0, 2, 1, 3]), [rows * T, heads * headSize]);
  };
}

function rotaryTables(graph: Graph, config: ModelConfig, T: number): RotaryTables {
  const { cosines, sines } = rotaryAngles(config, T);
  const shape = [T, config.headSize / 2];
  return {
    cosines: graph.initializer('cosines', shape, cosines),
    sines: graph.initializer('sines', shape, sines),
    negatedSines: graph.initializer(
      'negated_sines',
      shape,
      sines.map((sine) => -sine),
    ),
  };
}

function positionIds(rows: number, T: number): BigInt64Array {
  return BigInt64Array.from({ length: rows * T }, (_, i) => BigInt(i % T));
}

/** 0 where position j may be seen from i (j <= i), else a number whose softmax is 0. */
function causalMask(T: number): Float32Array {
  return Float32Array.from({ length: T * T }, (_, index) => (index % T <= Math.floor(index / T) ? 0 : -1e9));
}
