import type { AttentionConfig, ModelConfig, RotaryConfig } from '../config.ts';
import { productOf } from '../dimensions.ts';
import type { Graph, Value } from '../graph.ts';
import { softCap } from '../ops/activation.ts';
import { type Attention, pastNames, presentNames, rotated, type Surroundings } from './attention.ts';

/**
 * Attention as `createCachedAttention`, by plain operators: on WebGPU ONNX Runtime's fused one is wrong for more than 32 new
 * positions. Caches are [rows, capacity, keyValueHeads * headSize], so that no operator but Einsum has to reorder anything;
 * new positions are written to their `places` [rows, tokens], int32. Few rows and positions are multiplied faster by
 * Einsum, which gives each result a thread, than by MatMul, which computes in tiles.
 */
export function createPlainAttention(
  graph: Graph,
  config: ModelConfig,
  rotaryTables: (rotary: RotaryConfig) => readonly [Value, Value],
  { getPositions, perRow }: Surroundings,
): Attention {
  const { heads, keyValueHeads, headSize } = config;
  const group = heads / keyValueHeads;
  const width = keyValueHeads * headSize;
  const places = graph.input('places', ['rows', 'tokens'], 'int32');
  const column = graph.node('Unsqueeze', [places, graph.integers([2])], ['rows', 'tokens', 1], { type: 'int32' });
  let known: { maskFor: ReturnType<typeof createMasks>; indices: Value } | undefined;

  const rotate = (x: Value, rotary: RotaryConfig | undefined): Value =>
    rotary === undefined ? x : rotated(graph, x, getPositions(), rotaryTables(rotary));

  /** [rows, tokens, n * headSize] or with `capacity` in place of tokens, cut into heads. */
  const perHead = (x: Value, ...counts: number[]): Value =>
    graph.node(
      'Reshape',
      [x, graph.integers([0, 0, ...counts, headSize])],
      [x.shape[0]!, x.shape[1]!, ...counts, headSize],
    );

  /** The cache with the new positions in their places. */
  const written = (past: string, present: string, added: Value): Value => {
    const cache = graph.input(past, ['rows', 'capacity', width]);
    known ??= {
      maskFor: createMasks(graph, places, cache),
      indices: graph.node('Expand', [column, graph.node('Shape', [added], [3], { type: 'int64' })], added.shape, {
        type: 'int32',
      }),
    };
    const output = { shape: cache.shape, type: cache.type, name: present };
    const axis = { attributes: { axis: { int: 1 } } };
    return graph.nodeWithOutputs('ScatterElements', [cache, known.indices, added], [output], axis)[0]!;
  };

  const shares = (query: Value, keys: Value, { scale, softCap: limit, window }: AttentionConfig): Value => {
    const shape = ['rows', keyValueHeads, group, 'tokens', 'capacity'];
    const scaled = graph.node('Mul', [query, graph.scalar(scale)], query.shape);
    const scores = einsum(graph, 'btkgd,bskd->bkgts', [scaled, keys], shape);
    const capped = limit === undefined ? scores : softCap(graph, scores, limit);
    const masked = graph.node('Add', [capped, known!.maskFor(window)], shape);
    return graph.node('Softmax', [masked], shape, { attributes: { axis: { int: -1 } } });
  };

  return (layer, query, key, value) => {
    const attention = config.attention[layer]!;
    const [past, present] = [pastNames(layer), presentNames(layer)];
    const keys = written(past.keys, present.keys, rotate(perRow(key), attention.rotary));
    const values = written(past.values, present.values, perRow(value));
    const q = perHead(rotate(perRow(query), attention.rotary), keyValueHeads, group);
    const seen = shares(q, perHead(keys, keyValueHeads), attention);
    const shape = ['rows', 'tokens', keyValueHeads, group, headSize];
    const mixed = einsum(graph, 'bkgts,bskd->btkgd', [seen, perHead(values, keyValueHeads)], shape);
    return graph.node(
      'Reshape',
      [mixed, graph.integers([-1, heads * headSize])],
      [productOf(['rows', 'tokens']), heads * headSize],
    );
  };
}

/** Added to the score of what must not be seen: its share becomes 0. */
const unseen = -1e9;

/**
 * Masks [rows, 1, 1, tokens, capacity], 0 where a position is seen: those up to its own place, in its window if there is one.
 * What pads a row on the right lies behind its own positions, which do not see it.
 */
function createMasks(graph: Graph, places: Value, cache: Value): (window: number | undefined) => Value {
  const capacity = graph.node('Shape', [cache], [1], {
    attributes: { start: { int: 1 }, end: { int: 2 } },
    type: 'int64',
  });
  const ends = [graph.integers([0]), capacity, graph.integers([1])].map((x) =>
    graph.node('Squeeze', [x], [], { type: 'int64' }),
  );
  const seen = toFloat(graph, graph.node('Range', ends, ['capacity'], { type: 'int64' }));
  const sizes = graph.integers([0, 1, 1, -1, 1]);
  const seeing = graph.node('Reshape', [toFloat(graph, places), sizes], ['rows', 1, 1, 'tokens', 1]);
  const shape = ['rows', 1, 1, 'tokens', 'capacity'];
  const distance = graph.node('Sub', [seeing, seen], shape);
  const hide = (isHidden: 'Less' | 'GreaterOrEqual', limit: number, otherwise: Value): Value => {
    const hidden = graph.node(isHidden, [distance, graph.scalar(limit)], shape, { type: 'bool' });
    return graph.node('Where', [hidden, graph.scalar(unseen), otherwise], shape);
  };
  const causal = hide('Less', 0, graph.scalar(0));
  const known = new Map<number | undefined, Value>([[undefined, causal]]);
  return (window) => {
    const mask = known.get(window) ?? hide('GreaterOrEqual', window!, causal);
    known.set(window, mask);
    return mask;
  };
}

function einsum(graph: Graph, equation: string, factors: readonly Value[], shape: readonly (number | string)[]): Value {
  return graph.node('Einsum', factors, shape, { attributes: { equation: { text: equation } } });
}

function toFloat(graph: Graph, x: Value): Value {
  return graph.node('Cast', [x], x.shape, { attributes: { to: { int: 1 } } });
}
