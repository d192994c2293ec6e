import type { AttentionConfig, ModelConfig, RotaryConfig } from '../config.ts';
import type { ModelBuilder } from '../families/family.ts';
import type { Graph, Value } from '../graph.ts';
import { reshape } from '../ops/shape.ts';

/** Inputs for a layer's caches, [rows, keyValueHeads, capacity, storedHeadSize]. */
export function pastNames(layer: number): CacheNames {
  return { keys: `past_keys.${layer}`, values: `past_values.${layer}` };
}

/** Outputs for the same caches with the new positions. */
export function presentNames(layer: number): CacheNames {
  return { keys: `present_keys.${layer}`, values: `present_values.${layer}` };
}

/** Numbers per head in the caches: the operator wants multiples of eight, the rest is zero. */
export function storedHeadSize({ headSize }: ModelConfig): number {
  return Math.ceil(headSize / 8) * 8;
}

/** What the operator reads beside a layer's own queries, keys and values. */
export interface AttentionInputs {
  /** Place of each row's last position [rows], and the largest number of positions, both int32. */
  last: Value;
  total: Value;
  /** Cosines and sines [positions, headSize / 2] for at least `total` positions. */
  rotaryTables(rotary: RotaryConfig): readonly [Value, Value];
  /** Names of a layer's caches as inputs and as outputs. */
  past(layer: number): CacheNames;
  present(layer: number): CacheNames;
  /** Names of the caches' free dimensions; positions before and after are the same where there is room for more. */
  cacheDimensions: { rows: string; past: string; present: string };
}

export type Attention = ModelBuilder['attention'];

interface CacheNames {
  keys: string;
  values: string;
}

/** What the model around its attention offers. */
export interface Surroundings {
  /** [rows * tokens, width] -> [rows, tokens, width]. */
  perRow(x: Value): Value;
  getPositions(): Value;
  /** The one matrix [rows * tokens, ...] that these three were cut from, if they were; it takes the place of all three. */
  packed(parts: readonly Value[]): Value | undefined;
}

/** Attention of new positions to those in the caches and causally to each other, by ONNX Runtime's fused operator. */
export function createCachedAttention(
  graph: Graph,
  config: ModelConfig,
  inputs: AttentionInputs,
  around: Surroundings,
): Attention {
  const { heads, keyValueHeads, headSize } = config;
  const size = storedHeadSize(config);
  // The operator rotates by itself where its vector instructions allow it.
  const isRotatedInside = headSize % 16 === 0;

  const rotate = (x: Value, rotary: RotaryConfig | undefined): Value =>
    rotary === undefined || isRotatedInside ? x : rotated(graph, x, around.getPositions(), inputs.rotaryTables(rotary));

  /** Lengthens each head of [rows, tokens, heads * headSize] with zeros to the size in which it is stored. */
  const lengthen = (x: Value, count: number): Value => {
    if (size === headSize) return x;
    const perHead = graph.node(
      'Reshape',
      [x, graph.integers([0, 0, count, headSize])],
      ['rows', 'tokens', count, headSize],
    );
    const pads = graph.integers([0, 0, 0, 0, 0, 0, 0, size - headSize]);
    const padded = graph.node('Pad', [perHead, pads], ['rows', 'tokens', count, size]);
    return graph.node('Reshape', [padded, graph.integers([0, 0, count * size])], ['rows', 'tokens', count * size]);
  };

  const shorten = (x: Value): Value => {
    if (size === headSize) return x;
    const perHead = reshape(graph, x, [-1, heads, size]);
    const ends = [graph.integers([0]), graph.integers([headSize]), graph.integers([2])];
    return graph.node('Slice', [perHead, ...ends], ['positions', heads, headSize]);
  };

  const inputsOf = (query: Value, key: Value, value: Value, rotary: RotaryConfig | undefined): Value[] => {
    const whole = size === headSize && (rotary === undefined || isRotatedInside);
    const packed = whole ? around.packed([query, key, value]) : undefined;
    if (packed !== undefined) return [around.perRow(packed), absent, absent];
    const [q, k, v] = [query, key, value].map(around.perRow) as [Value, Value, Value];
    return [lengthen(rotate(q, rotary), heads), lengthen(rotate(k, rotary), keyValueHeads), lengthen(v, keyValueHeads)];
  };

  const attend = (layer: number, query: Value, key: Value, value: Value): Value => {
    const attention = config.attention[layer]!;
    const inside = attention.rotary !== undefined && isRotatedInside;
    const [past, present] = [inputs.past(layer), inputs.present(layer)];
    const { rows, past: before, present: after } = inputs.cacheDimensions;
    const cache = (positions: string) => [rows, keyValueHeads, positions, size];
    const [attended] = graph.nodeWithOutputs(
      'GroupQueryAttention',
      [
        ...inputsOf(query, key, value, attention.rotary),
        graph.input(past.keys, cache(before)),
        graph.input(past.values, cache(before)),
        inputs.last,
        inputs.total,
        ...(inside ? inputs.rotaryTables(attention.rotary!) : []),
      ],
      [
        { shape: ['rows', 'tokens', heads * size], type: 'float32' },
        { shape: cache(after), type: 'float32', name: present.keys },
        { shape: cache(after), type: 'float32', name: present.values },
      ],
      { domain: 'com.microsoft', attributes: attributesOf(attention, config, inside) },
    );
    return reshape(graph, shorten(attended!), [-1, heads * headSize]);
  };
  return attend;
}

/** Queries or keys [rows, tokens, heads * headSize] or [rows, heads, tokens, headSize], rotated to their positions [rows, tokens]. */
export function rotated(graph: Graph, x: Value, positions: Value, tables: readonly [Value, Value]): Value {
  return graph.node('RotaryEmbedding', [x, positions, ...tables], x.shape, {
    domain: 'com.microsoft',
    attributes: { interleaved: { int: 0 } },
  });
}

/** An optional input that is left out. */
const absent: Value = { name: '', shape: [], type: 'float32' };

function attributesOf(
  { scale, softCap, window }: AttentionConfig,
  { heads, keyValueHeads }: ModelConfig,
  rotates: boolean,
) {
  return {
    num_heads: { int: heads },
    kv_num_heads: { int: keyValueHeads },
    scale: { float: scale },
    do_rotary: { int: Number(rotates) },
    ...(softCap !== undefined && { softcap: { float: softCap } }),
    ...(window !== undefined && { local_window_size: { int: window } }),
  };
}
