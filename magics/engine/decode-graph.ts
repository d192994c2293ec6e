import path from 'node:path';
import type { ModelConfig } from './config.ts';
import type { ModelBuilder } from './families/family.ts';
import { familyOf } from './families/index.ts';
import { type ElementType, Graph, type Value } from './graph.ts';
import { softmax } from './ops/activation.ts';
import { add, multiply } from './ops/arithmetic.ts';
import { gemm, matmul } from './ops/matmul.ts';
import { reshape, transpose } from './ops/shape.ts';
import { rotaryAngles } from './rotary-angles.ts';
import type { TensorLocation } from './safetensors.ts';

/** Inputs for a layer's cached keys [rows, keyValueHeads, 1, D, capacity] and values [rows, keyValueHeads, 1, capacity, D]. */
export function pastNames(layer: number): { keys: string; values: string } {
  return { keys: `past_keys.${layer}`, values: `past_values.${layer}` };
}

/**
 * The decoding model: `tokens` new positions per row after those in the cache; sizes are free when it runs.
 *
 * Inputs: input_ids and positions [rows, tokens]; past_mask [rows, 1, 1, 1, capacity] and new_mask [tokens, tokens], 0
 * where a position is seen and very negative elsewhere; `pastNames` of each layer; selected [n], flat positions whose
 * logits are wanted; targets [n], token ids. Outputs: logits [n, vocabulary]; log_probabilities [n] of the targets;
 * new_keys [layers * rows, keyValueHeads, 1, D, tokens] and new_values [layers * rows, keyValueHeads, 1, tokens, D].
 * The cache is only read: the caller appends the new keys and values, so that nothing large is copied.
 */
export function buildDecodeGraph(config: ModelConfig, weights: ReadonlyMap<string, TensorLocation>): Uint8Array {
  const graph = new Graph();
  const inputIds = graph.input('input_ids', ['rows', 'tokens'], 'int64');
  const { builder, newKeys, newValues } = createDecodeBuilder(graph, config, weights, inputIds);
  const family = familyOf(config.architecture)!;
  const hidden = family.hiddenStates(builder, config, inputIds);
  const selected = graph.input('selected', ['selected'], 'int64');
  const atSelected = graph.node('Gather', [hidden, selected], ['selected', config.hiddenSize]);
  const logits = family.logits(builder, config, atSelected);
  graph.output('logits', logits);
  graph.output('log_probabilities', logProbabilities(graph, logits));
  const stack = (values: Value[]): Value =>
    graph.node('Concat', values, ['layer_rows', ...values[0]!.shape.slice(1)], { attributes: { axis: { int: 0 } } });
  graph.output('new_keys', stack(newKeys));
  graph.output('new_values', stack(newValues));
  return graph.encode();
}

/** log p of each row's target. logits [n, vocabulary] -> [n]. */
function logProbabilities(graph: Graph, logits: Value): Value {
  const targets = reshape(graph, graph.input('targets', ['selected'], 'int64'), [-1, 1]);
  const all = graph.node('LogSoftmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } });
  const picked = graph.node('GatherElements', [all, targets], ['selected', 1], { attributes: { axis: { int: 1 } } });
  return reshape(graph, picked, [-1]);
}

function createDecodeBuilder(
  graph: Graph,
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorLocation>,
  inputIds: Value,
): { builder: ModelBuilder; newKeys: Value[]; newValues: Value[] } {
  const loaded = new Map<string, Value>();
  const weight = (name: string): Value => {
    const value = loaded.get(name) ?? externalWeight(graph, name, weights.get(name)!);
    loaded.set(name, value);
    return value;
  };
  const attention = createCachedAttention(graph, config, inputIds);
  const builder: ModelBuilder = {
    graph,
    weight,
    linear: (x, module) => gemm(graph, x, weight(`${module}.weight`), { transposeB: true }),
    attention: attention.attend,
    dropout: (x) => x,
  };
  return { builder, newKeys: attention.newKeys, newValues: attention.newValues };
}

const elementTypeOf: Record<string, ElementType> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** A weight that ONNX Runtime reads straight from the safetensors file; half precision is converted when it is loaded. */
function externalWeight(graph: Graph, name: string, { file, dtype, shape, offset, length }: TensorLocation): Value {
  const type = elementTypeOf[dtype]!;
  const stored = graph.initializer(name, shape, { location: path.basename(file), offset, length }, type);
  return type === 'float32' ? stored : graph.node('Cast', [stored], shape, { attributes: { to: { int: 1 } } });
}

/**
 * Attention of new positions to the cached ones and, causally, to each other: two sets of scores under one softmax.
 * Five axes, [rows, keyValueHeads, group, tokens, D], so that the query heads of a group share keys by broadcasting.
 */
function createCachedAttention(graph: Graph, config: ModelConfig, inputIds: Value) {
  const { heads, keyValueHeads, headSize } = config;
  const group = heads / keyValueHeads;
  const shapes = createShapes(graph, inputIds, config);
  const rotate = createRotation(graph, config);
  const pastMask = graph.input('past_mask', ['rows', 1, 1, 1, 'capacity']);
  const newMask = graph.input('new_mask', ['tokens', 'tokens']);
  const newKeys: Value[] = [];
  const newValues: Value[] = [];

  const attend = (layer: number, query: Value, key: Value, value: Value): Value => {
    const names = pastNames(layer);
    const pastKeys = graph.input(names.keys, ['rows', keyValueHeads, 1, headSize, 'capacity']);
    const pastValues = graph.input(names.values, ['rows', keyValueHeads, 1, 'capacity', headSize]);
    const scaled = multiply(graph, query, graph.scalar(1 / Math.sqrt(headSize)));
    const q = transpose(graph, shapes.perHead(rotate(shapes.perRow(scaled)), group), [0, 2, 3, 1, 4]);
    const k = transpose(graph, shapes.perHead(rotate(shapes.perRow(key)), 1), [0, 2, 3, 4, 1]);
    const v = transpose(graph, shapes.perHead(value, 1), [0, 2, 3, 1, 4]);
    newKeys.push(k);
    newValues.push(v);
    const toNew = add(graph, matmul(graph, q, k), newMask);
    const toPast = add(graph, matmul(graph, q, pastKeys), pastMask);
    const [newShares, pastShares] = shapes.splitAtTokens(softmax(graph, joinLast(graph, toNew, toPast)));
    const mixed = add(graph, matmul(graph, newShares, v), matmul(graph, pastShares, pastValues));
    return reshape(graph, transpose(graph, mixed, [0, 3, 1, 2, 4]), [-1, heads * headSize]);
  };
  return { attend, newKeys, newValues };
}

/** Reshapes and slices by the numbers of rows and of new tokens, which are known only when the graph runs. */
function createShapes(graph: Graph, inputIds: Value, { keyValueHeads, headSize }: ModelConfig) {
  const rowsAndTokens = graph.node('Shape', [inputIds], [2], { type: 'int64' });
  const tokens = graph.node('Gather', [rowsAndTokens, graph.integers([1])], [1], alongFirst);
  const reshapeRows = (x: Value, rest: readonly number[]): Value => {
    const target = graph.node('Concat', [rowsAndTokens, graph.integers(rest)], [2 + rest.length], alongFirst);
    return graph.node('Reshape', [x, target], ['rows', 'tokens', ...rest]);
  };
  const slice = (x: Value, from: Value, to: Value, size: string): Value =>
    graph.node('Slice', [x, from, to, graph.integers([4])], [...x.shape.slice(0, 4), size]);
  return {
    /** [rows * tokens, width] -> [rows, tokens, width]. */
    perRow: (x: Value) => reshapeRows(x, [Number(x.shape[1])]),
    /** [..., keyValueHeads * count * D] -> [rows, tokens, keyValueHeads, count, D]. */
    perHead: (x: Value, count: number) => reshapeRows(x, [keyValueHeads, count, headSize]),
    /** Cuts the last axis, [..., tokens + capacity], in two. */
    splitAtTokens: (x: Value): [Value, Value] => [
      slice(x, graph.integers([0]), tokens, 'tokens'),
      slice(x, tokens, graph.integers([2 ** 40]), 'capacity'),
    ],
  };
}

const alongFirst = { attributes: { axis: { int: 0 } }, type: 'int64' } as const;

/** Rotary positions for projections [rows, tokens, heads * D], of however many heads. */
function createRotation(graph: Graph, config: ModelConfig): (x: Value) => Value {
  const positions = graph.input('positions', ['rows', 'tokens'], 'int64');
  const { cosines, sines } = rotaryAngles(config, config.contextTokens);
  const shape = [config.contextTokens, config.headSize / 2];
  const tables = [graph.initializer('cosines', shape, cosines), graph.initializer('sines', shape, sines)];
  return (x) =>
    graph.node('RotaryEmbedding', [x, positions, ...tables], x.shape, {
      domain: 'com.microsoft',
      attributes: { interleaved: { int: 0 } },
    });
}

function joinLast(graph: Graph, a: Value, b: Value): Value {
  return graph.node('Concat', [a, b], [...a.shape.slice(0, -1), 'joined'], { attributes: { axis: { int: -1 } } });
}
