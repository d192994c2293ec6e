import type { ModelConfig, RotaryConfig } from '../config.ts';
import type { ModelBuilder } from '../families/family.ts';
import { familyOf } from '../families/index.ts';
import { Graph, type Value } from '../graph.ts';
import { type Attention, createCachedAttention, pastNames, presentNames, type Surroundings } from './attention.ts';
import { fuseSkippedNorms } from './fuse-norms.ts';
import { createFusedLinear, type LinearOptions } from './fused-linear.ts';
import { createLoadedWeights, type GraphWeights, type LoadedWeights } from './loaded-weights.ts';
import { addLogitOutputs, addPlainLogitOutputs } from './logit-outputs.ts';
import { createPlainAttention } from './plain-attention.ts';

interface ModelOptions extends LinearOptions {
  weights: LoadedWeights;
  /** How the graph comes by them; absent: it holds them as constants. */
  weightsOf?(graph: Graph): GraphWeights;
}

export interface DecodeGraphOptions extends ModelOptions {
  /** By ONNX Runtime's fused operator, or by plain ones that are right on WebGPU too. */
  attention: 'fused' | 'plain';
}

/**
 * The decoding model: `tokens` new positions per row after those in the cache; sizes are free when it runs.
 *
 * Inputs: input_ids [rows, tokens]; positions of the same shape where the family or its rotation asks for them; last [rows],
 * the place of each row's last position, and total, the largest number of positions, both int32, where attention is fused, places
 * [rows, tokens] where it is plain; the caches of each layer (`pastNames`) and the rotary tables (`RotaryTable`); selected [n],
 * flat positions whose logits are wanted; for adapters those of `fused-linear.ts`.
 * Outputs: logits [n, vocabulary]; best [n], the likeliest tokens, and best_log_probability [n]; hidden [rows * tokens,
 * hidden], the final hidden states; and under `presentNames` the caches with the new positions in their places, which may
 * and should be the same memory as the inputs.
 */
export function buildDecodeGraph(
  config: ModelConfig,
  options: DecodeGraphOptions,
): { model: Uint8Array; rotaryTables: RotaryTable[] } {
  const graph = new Graph();
  const inputIds = graph.input('input_ids', ['rows', 'tokens'], 'int64');
  const tables = createTableInputs(graph);
  const fused = (around: Surroundings): Attention => {
    const lengths = { last: graph.input('last', ['rows'], 'int32'), total: graph.input('total', [], 'int32') };
    const cacheDimensions = { rows: 'rows', past: 'capacity', present: 'capacity' };
    const caches = { past: pastNames, present: presentNames, cacheDimensions };
    return createCachedAttention(graph, config, { ...lengths, rotaryTables: tables.valuesOf, ...caches }, around);
  };
  const plain = (around: Surroundings): Attention => createPlainAttention(graph, config, tables.valuesOf, around);
  const { hidden, logits } = buildCachedModel(graph, config, inputIds, {
    ...options,
    positions: 'positions',
    attention: options.attention === 'fused' ? fused : plain,
  });
  const selected = graph.input('selected', ['selected'], 'int64');
  graph.output('hidden', hidden);
  const addLogits = options.attention === 'fused' ? addLogitOutputs : addPlainLogitOutputs;
  addLogits(graph, logits(graph.node('Gather', [hidden, selected], ['selected', config.hiddenSize])));
  fuseSkippedNorms(graph);
  return { model: graph.encode(), rotaryTables: tables.all };
}

/** Inputs that hold cosines and sines, [positions, headSize / 2] for at least `total` positions. */
export interface RotaryTable {
  cosines: string;
  sines: string;
  rotary: RotaryConfig;
}

function createTableInputs(graph: Graph) {
  const all: RotaryTable[] = [];
  const made = new Map<RotaryConfig, [Value, Value]>();
  const valuesOf = (rotary: RotaryConfig): [Value, Value] => {
    const known = made.get(rotary);
    if (known !== undefined) return known;
    const table = { cosines: `cosines.${made.size}`, sines: `sines.${made.size}`, rotary };
    const shape = ['rotated', rotary.frequencies.length];
    const values: [Value, Value] = [graph.input(table.cosines, shape), graph.input(table.sines, shape)];
    all.push(table);
    made.set(rotary, values);
    return values;
  };
  return { all, valuesOf };
}

interface CachedModelOptions extends ModelOptions {
  attention(around: Surroundings): Attention;
  /** Name of the input of the positions, where the family or its rotation asks for one. */
  positions: string;
}

/** The model over new tokens and caches: hidden states [rows * tokens, hidden], and how logits are made of them. */
export function buildCachedModel(
  graph: Graph,
  config: ModelConfig,
  inputIds: Value,
  { attention, positions: positionsName, ...options }: CachedModelOptions,
): { hidden: Value; logits(hidden: Value): Value } {
  const family = familyOf(config.architecture)!;
  const shape = graph.node('Shape', [inputIds], [2], { type: 'int64' });
  const perRow = (x: Value): Value => {
    const width = graph.integers([Number(x.shape[1])]);
    const target = graph.node('Concat', [shape, width], [3], { attributes: { axis: { int: 0 } }, type: 'int64' });
    return graph.node('Reshape', [x, target], ['rows', 'tokens', x.shape[1]!]);
  };
  let positions: Value | undefined;
  const getPositions = () => (positions ??= graph.input(positionsName, ['rows', 'tokens'], 'int64'));
  const weights = options.weightsOf?.(graph) ?? createLoadedWeights(graph, options.weights);
  const linear = createFusedLinear(graph, config, options, weights, perRow);
  const builder: ModelBuilder = {
    graph,
    get positions() {
      return getPositions();
    },
    weight: weights.one,
    linear: linear.apply,
    unembed: linear.unembed,
    attention: attention({ perRow, getPositions, packed: linear.packed }),
    dropout: (x) => x,
    layer: (x, build) => build(x),
  };
  const hidden = family.hiddenStates(builder, config, inputIds);
  return { hidden, logits: (chosen) => family.logits(builder, config, chosen) };
}
