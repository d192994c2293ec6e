import type { ModelConfig, RotaryConfig } from './config.ts';
import type { ModelBuilder } from './families/family.ts';
import type { Dimension, Graph, Value } from './graph.ts';
import { adapterNames, applyAdapter } from './lora.ts';
import { dropout } from './ops/activation.ts';
import { attend, attendInBlocks, causalBlocks, maskOfBlock } from './ops/attention.ts';
import { gemm } from './ops/matmul.ts';
import { type RotaryTables, rotary } from './ops/rotary.ts';
import { reshape, transpose } from './ops/shape.ts';
import { rotaryAngles } from './rotary-angles.ts';

export interface TrainingBuilderOptions {
  config: ModelConfig;
  /** Longest sequence that will be trained on, in tokens: positions are rotated up to it. */
  longestTokens: number;
  /** Position of each token in its sequence, int64 [rows, tokens]. */
  positions: Value;
  /** 0 where a token sees another, very negative elsewhere; [rows or 1, 1, 1, tokens, tokens]. */
  attentionMask: Value;
  weight(name: string): Value;
  hasWeight(name: string): boolean;
  /** x [positions, input] through the module's own weights: [positions, output]. */
  linear(x: Value, module: string): Value;
  /** alpha / rank; absent without an adapter. */
  adapterScale?: number;
  /** Dropout on the input of adapters, and on embeddings and residual branches; 0 is none. */
  adapterDropout: number;
  residualDropout: number;
  /** Keep only what goes into each layer, and compute the rest again for the gradients. */
  recomputesLayers?: boolean;
  /** Positions whose attention is computed at a time, see `attendInBlocks`; all of them by default. */
  attentionBlockSize?: number;
}

/** A mask that the trainer must feed: true where an element is kept. */
export interface DropoutMask {
  name: string;
  shape: readonly Dimension[];
  keepProbability: number;
}

/** Builds a family's layers for whole sequences, so that they can be differentiated; rows and tokens may vary between runs. */
export function createTrainingBuilder(
  graph: Graph,
  options: TrainingBuilderOptions,
): ModelBuilder & { masks: readonly DropoutMask[] } {
  const { config, positions, weight, hasWeight, adapterScale } = options;
  const { masks, drop, again } = createDropout(graph);
  const dropped = new Map<string, Value>();

  /** Adapters that read the same input share its mask. */
  const adapterInput = (x: Value): Value => {
    const value = dropped.get(x.name) ?? drop(x, options.adapterDropout);
    dropped.set(x.name, value);
    return value;
  };

  return {
    graph,
    positions,
    masks,
    weight,
    linear: (x, module) => {
      const y = options.linear(x, module);
      const names = adapterNames(module);
      if (adapterScale === undefined || !hasWeight(names.a)) return y;
      return applyAdapter(graph, y, adapterInput(x), { a: weight(names.a), b: weight(names.b), scale: adapterScale });
    },
    unembed: (hidden, table) => gemm(graph, hidden, weight(table), { transposeB: true }),
    dropout: (x) => drop(x, options.residualDropout),
    attention: createAttention(graph, config, options),
    layer: (x, build) => (options.recomputesLayers === true ? graph.recompute([x], again(build)) : build(x)),
  };
}

/** Dropout whose masks are fed; `again(build)` gives a function that may run several times and uses the same masks each time. */
function createDropout(graph: Graph) {
  const masks: DropoutMask[] = [];
  let next = 0;
  const drop = (x: Value, probability: number): Value => {
    if (probability === 0) return x;
    const name = `dropout.${next}`;
    const keepProbability = 1 - probability;
    const known = masks[next++];
    if (known === undefined) masks.push({ name, shape: x.shape, keepProbability });
    const mask =
      known === undefined ? graph.input(name, x.shape, 'bool') : { name, shape: x.shape, type: 'bool' as const };
    return dropout(graph, x, mask, keepProbability);
  };
  const again = (build: (x: Value) => Value) => {
    const first = next;
    return ([x]: readonly Value[]): Value => {
      const kept = next;
      next = first;
      const y = build(x!);
      next = Math.max(kept, next);
      return y;
    };
  };
  return { masks, drop, again };
}

/** Causal attention over rows of T positions. In several blocks, their shares are computed again for the gradients. */
function createAttention(graph: Graph, config: ModelConfig, options: TrainingBuilderOptions) {
  const { positions, attentionMask, longestTokens, attentionBlockSize = longestTokens, recomputesLayers } = options;
  const { heads, keyValueHeads, headSize } = config;
  const [rows, T] = positions.shape as [Dimension, Dimension];
  const rotate = createRotation(graph, positions, longestTokens);
  const maskOf = createMasks(graph, positions, attentionMask);
  const count = Math.ceil(longestTokens / attentionBlockSize);
  const blocks = count > 1 ? causalBlocks(graph, T, attentionBlockSize, count) : [];
  const masksOfBlocks = remember((window: number | undefined) => {
    const mask = maskOf(window);
    return blocks.map((block) => maskOfBlock(graph, mask, block));
  });
  const splitHeads = (x: Value, count: number) =>
    transpose(graph, reshape(graph, x, [rows, T, count, headSize]), [0, 2, 1, 3]);

  return (layer: number, query: Value, key: Value, value: Value): Value => {
    const attention = config.attention[layer]!;
    const q = rotate(splitHeads(query, heads), attention.rotary);
    const k = rotate(splitHeads(key, keyValueHeads), attention.rotary);
    const v = splitHeads(value, keyValueHeads);
    if (blocks.length === 0) return attend(graph, [q, k, v], maskOf(attention.window), attention);
    const masks = masksOfBlocks(attention.window);
    return attendInBlocks(graph, [q, k, v], blocks, masks, { ...attention, recomputes: recomputesLayers !== true });
  };
}

/** The mask of attention, with what lies before a sliding window hidden as well: [rows, 1, 1, T, T]. */
function createMasks(graph: Graph, positions: Value, attentionMask: Value) {
  return remember((window: number | undefined) =>
    window === undefined ? attentionMask : windowMask(graph, positions, attentionMask, window),
  );
}

/** The same answer for the same key, made once. */
function remember<Key, Answer>(make: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const answer = known.get(key) ?? make(key);
    known.set(key, answer);
    return answer;
  };
}

function windowMask(graph: Graph, positions: Value, attentionMask: Value, window: number): Value {
  const [rows, T] = positions.shape as [Dimension, Dimension];
  const numbers = graph.node('Cast', [positions], [rows, T], { attributes: { to: { int: 1 } } });
  const [seeing, seen] = [reshape(graph, numbers, [rows, 1, 1, T, 1]), reshape(graph, numbers, [rows, 1, 1, 1, T])];
  const shape = [rows, 1, 1, T, T];
  const distance = graph.node('Sub', [seeing, seen], shape);
  const isBefore = graph.node('GreaterOrEqual', [distance, graph.scalar(window)], shape, { type: 'bool' });
  return graph.node('Where', [isBefore, graph.scalar(-1e9), attentionMask], shape);
}

/** Rotates queries or keys [rows, heads, T, D]; the tables of one rotation are made once for all layers that share it. */
function createRotation(graph: Graph, positions: Value, longestTokens: number) {
  const known = new Map<RotaryConfig, RotaryTables>();
  return (x: Value, rotation: RotaryConfig | undefined): Value => {
    if (rotation === undefined) return x;
    const tables = known.get(rotation) ?? rotaryTables(graph, rotation, longestTokens, known.size);
    known.set(rotation, tables);
    return rotary(graph, x, positions, tables);
  };
}

function rotaryTables(graph: Graph, rotation: RotaryConfig, tokens: number, place: number): RotaryTables {
  const { cosines, sines } = rotaryAngles(rotation, tokens);
  const table = (name: string, data: Float32Array) =>
    graph.initializer(`${name}.${place}`, [tokens, rotation.frequencies.length], data);
  return {
    cosines: table('cosines', cosines),
    sines: table('sines', sines),
    negatedSines: table(
      'negated_sines',
      sines.map((sine) => -sine),
    ),
  };
}
