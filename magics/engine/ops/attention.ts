import { productOf } from '../dimensions.ts';
import type { Dimension, Graph, Value } from '../graph.ts';
import { maskedSoftmax, softCap } from './activation.ts';
import { multiply } from './arithmetic.ts';
import { matmul, transposeLast } from './matmul.ts';
import { reshape, transpose } from './shape.ts';

interface AttendOptions {
  /** Multiplies query * key before the softmax. */
  scale: number;
  /** Scores s become softCap * tanh(s / softCap). */
  softCap?: number;
}

/**
 * Attention of queries [rows, heads, T, D] to keys and values [rows, keyValueHeads, S, D]: [rows * T, heads * D]. `mask`
 * [rows, 1, 1, T, S] is 0 where a position sees another, very negative elsewhere. Query heads that share a key-value head
 * are stacked along T, so that one batched product [rows, keyValueHeads, group * T, D] serves both plain and grouped-query
 * attention.
 */
export function attend(
  graph: Graph,
  [query, key, value]: readonly [Value, Value, Value],
  mask: Value,
  { scale, softCap: limit }: AttendOptions,
): Value {
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
  const perHead = reshape(graph, mixed, [rows, heads, T, size]);
  return reshape(graph, transpose(graph, perHead, [0, 2, 1, 3]), [productOf([rows, T]), heads * size]);
}
