import { productOf } from '../dimensions.ts';
import type { Dimension, Graph, Value } from '../graph.ts';
import { maskedSoftmax, softCap } from './activation.ts';
import { multiply } from './arithmetic.ts';
import { matmul, transposeLast } from './matmul.ts';
import { type Bounds, concat, reshape, slice, transpose } from './shape.ts';

export interface AttendOptions {
  /** Multiplies query * key before the softmax. */
  scale: number;
  /** Scores s become softCap * tanh(s / softCap). */
  softCap?: number;
  /** Compute the shares of each block again for the gradients, instead of keeping them. */
  recomputes?: boolean;
}

/** A block of positions, and the positions up to its last: all that it may see; none for an empty block. */
export interface CausalBlock {
  own: Bounds;
  seen: Bounds;
}

/** The `count` blocks of `size` positions that T positions fall into: the last one may be shorter, and those after it empty. */
export function causalBlocks(graph: Graph, T: Dimension, size: number, count: number): CausalBlock[] {
  const whole = graph.sizes([T]);
  const integer = (operator: string, a: Value, b: Value) => graph.node(operator, [a, b], [1], { type: 'int64' });
  const zero = graph.integers([0]);
  const ends = Array.from({ length: count - 1 }, (_, i) => integer('Min', whole, graph.integers([(i + 1) * size])));
  ends.push(whole);
  return ends.map((end, block) => {
    const start = ends[block - 1] ?? zero;
    const ownLength = integer('Sub', end, start);
    // An empty block sees nothing: ONNX Runtime's products over no elements are not always 0.
    const seenEnd = integer('Mul', end, integer('Min', ownLength, graph.integers([1])));
    const [own, seen] = [`block_${block}`, `seen_by_${block}`];
    graph.defineDimension(own, ownLength);
    graph.defineDimension(seen, seenEnd);
    return { own: { start, end, length: own }, seen: { start: zero, end: seenEnd, length: seen } };
  });
}

/** The part of a mask [rows, 1, 1, T, T] that concerns a block. */
export function maskOfBlock(graph: Graph, mask: Value, { own, seen }: CausalBlock): Value {
  return slice(graph, slice(graph, mask, 3, own), 4, seen);
}

/**
 * Self-attention of queries [rows, heads, T, D] to keys and values [rows, keyValueHeads, T, D]: [rows * T, heads * D].
 * `mask` [rows, 1, 1, T, T] is 0 where a position sees another, very negative elsewhere.
 */
export function attend(graph: Graph, inputs: readonly Value[], mask: Value, options: AttendOptions): Value {
  return mergeHeads(graph, attendTo(graph, inputs, mask, options));
}

/**
 * The same where no position sees a later one, block by block: each is computed with those keys alone that it may see.
 * That is about half the work, and with `recomputes` memory grows with T instead of its square, as in FlashAttention
 * (Dao et al. 2022), whose tiles are smaller. `masks` are the blocks' parts of the mask.
 */
export function attendInBlocks(
  graph: Graph,
  inputs: readonly Value[],
  blocks: readonly CausalBlock[],
  masks: readonly Value[],
  options: AttendOptions,
): Value {
  const parts = blocks.map(({ own, seen }, block) => {
    const build = ([q, k, v]: readonly Value[]) => {
      const cut = [slice(graph, q!, 2, own), slice(graph, k!, 2, seen), slice(graph, v!, 2, seen)];
      return attendTo(graph, cut, masks[block]!, options);
    };
    return options.recomputes === true ? graph.recompute(inputs, build) : build(inputs);
  });
  const bounds = blocks.map(({ own }) => own);
  return mergeHeads(graph, concat(graph, parts, 2, { length: inputs[0]!.shape[2]!, bounds }));
}

/**
 * Attention of queries [rows, heads, T, D] to keys and values [rows, keyValueHeads, S, D]: [rows, heads, T, D]. Query
 * heads that share a key-value head are stacked along T, so that one batched product [rows, keyValueHeads, group * T, D]
 * serves both plain and grouped-query attention.
 */
function attendTo(
  graph: Graph,
  inputs: readonly Value[],
  mask: Value,
  { scale, softCap: limit }: AttendOptions,
): Value {
  const [query, key, value] = inputs as [Value, Value, Value];
  const [rows, heads, T, size] = query.shape as [Dimension, number, Dimension, number];
  const [, keyValueHeads, S] = key.shape as [Dimension, number, Dimension];
  const group = heads / keyValueHeads;
  const stackedT = productOf([group, T]);
  const stacked = reshape(graph, query, [rows, keyValueHeads, stackedT, size]);
  const scaled = multiply(graph, stacked, graph.scalar(scale));
  const scores = matmul(graph, scaled, transposeLast(graph, key));
  const capped = limit === undefined ? scores : softCap(graph, scores, limit);
  const perGroup = reshape(graph, capped, [rows, keyValueHeads, group, T, S]);
  const shares = maskedSoftmax(graph, perGroup, mask);
  const mixed = matmul(graph, reshape(graph, shares, [rows, keyValueHeads, stackedT, S]), value);
  return reshape(graph, mixed, [rows, heads, T, size]);
}

/** [rows, heads, T, D] as [rows * T, heads * D]. */
function mergeHeads(graph: Graph, x: Value): Value {
  const [rows, heads, T, size] = x.shape as [Dimension, number, Dimension, number];
  return reshape(graph, transpose(graph, x, [0, 2, 1, 3]), [productOf([rows, T]), heads * size]);
}
