import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { type ModelConfig, type RotaryConfig, readModelConfig } from './config.ts';
import { type AttentionInputs, createCachedAttention, storedHeadSize } from './decode/attention.ts';
import { fuseSkippedNorms } from './decode/fuse-norms.ts';
import { buildCachedModel } from './decode/graph.ts';
import { copyCompanions } from './export.ts';
import { Graph, type Value } from './graph.ts';
import { reshape } from './ops/shape.ts';
import { rotaryAngles } from './rotary-angles.ts';
import type { TensorLocation } from './safetensors.ts';
import { locateWeights } from './weights.ts';

const dataFile = 'model.onnx_data';
/** Transformers.js makes the first, empty caches by these names. */
const dimensions = { rows: 'batch_size', past: 'past_sequence_length', present: 'total_sequence_length' };

/**
 * Writes a model as other programs of ONNX Runtime load it (Transformers.js, Optimum): the files of its folder beside
 * `onnx/model.onnx` and its weights, in the precision that they are stored in. `folder` appears whole or not at all.
 * UserError if it exists, or the model's heads have a size that the operator for attention cannot store.
 */
export async function exportOnnx(modelFolder: string, folder: string): Promise<void> {
  if (existsSync(folder)) throw new UserError(`${folder} exists already. Remove it, or name another folder.`);
  const config = await readModelConfig(modelFolder);
  if (storedHeadSize(config) !== config.headSize) throw oddHeads(modelFolder, config);
  const weights = await locateWeights(modelFolder, config);
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(path.join(temporary, 'onnx'), { recursive: true });
    await copyFile(path.join(modelFolder, 'config.json'), path.join(temporary, 'config.json'));
    await copyCompanions(modelFolder, temporary);
    const stored = await joinWeights(weights, path.join(temporary, 'onnx', dataFile));
    await writeFile(path.join(temporary, 'onnx', 'model.onnx'), buildPortableGraph(config, stored));
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The decoding model with the inputs and outputs of Optimum's exports: input_ids [rows, tokens], attention_mask
 * [rows, total], position_ids where the family needs them, past_key_values.N.key and .value of each layer; logits
 * [rows, tokens, vocabulary] and present.N.key and .value. Rows of different lengths are padded on the right.
 */
function buildPortableGraph(config: ModelConfig, stored: ReadonlyMap<string, TensorLocation>): Uint8Array {
  const graph = new Graph();
  const { rows, present } = dimensions;
  const inputIds = graph.input('input_ids', [rows, 'sequence_length'], 'int64');
  const attentionInputs: AttentionInputs = {
    ...lengthsOf(graph, graph.input('attention_mask', [rows, present], 'int64')),
    rotaryTables: rotaryConstants(graph, config),
    past: (layer) => ({ keys: `past_key_values.${layer}.key`, values: `past_key_values.${layer}.value` }),
    present: (layer) => ({ keys: `present.${layer}.key`, values: `present.${layer}.value` }),
    cacheDimensions: dimensions,
  };
  const { hidden, logits } = buildCachedModel(graph, config, inputIds, {
    weights: { stored, quantized: new Map() },
    arithmetic: 'float32',
    adaptedGroups: new Set(),
    positions: 'position_ids',
    attention: (around) => createCachedAttention(graph, config, attentionInputs, around),
  });
  const shape = graph.node('Shape', [inputIds], [2], { type: 'int64' });
  const parts = [shape, graph.integers([config.vocabularySize])];
  const target = graph.node('Concat', parts, [3], { attributes: { axis: { int: 0 } }, type: 'int64' });
  const dims = [rows, 'sequence_length', config.vocabularySize];
  graph.output('logits', graph.node('Reshape', [logits(hidden), target], dims));
  fuseSkippedNorms(graph);
  return graph.encode();
}

/** What the attention operator asks for, from a mask of ones and zeros. */
function lengthsOf(graph: Graph, mask: Value): { last: Value; total: Value } {
  const toInt32 = (x: Value) => graph.node('Cast', [x], x.shape, { attributes: { to: { int: 6 } }, type: 'int32' });
  const sum = graph.node('ReduceSum', [mask, graph.integers([1])], ['rows'], {
    attributes: { keepdims: { int: 0 } },
    type: 'int64',
  });
  const last = graph.node('Sub', [sum, graph.integers([1])], ['rows'], { type: 'int64' });
  const shape = graph.node('Shape', [mask], [2], { type: 'int64' });
  const total = graph.node('Gather', [shape, graph.integers([1])], [1], { type: 'int64' });
  return { last: toInt32(last), total: reshape(graph, toInt32(total), []) };
}

/** Cosines and sines for the whole context, once for each way of rotating. */
function rotaryConstants(graph: Graph, { contextTokens }: ModelConfig) {
  const made = new Map<RotaryConfig, [Value, Value]>();
  return (rotary: RotaryConfig): [Value, Value] => {
    const known = made.get(rotary);
    if (known !== undefined) return known;
    const { cosines, sines } = rotaryAngles(rotary, contextTokens);
    const shape = [contextTokens, rotary.frequencies.length];
    const values: [Value, Value] = [
      graph.initializer(`cosines.${made.size}`, shape, cosines),
      graph.initializer(`sines.${made.size}`, shape, sines),
    ];
    made.set(rotary, values);
    return values;
  };
}

/** Writes all weights into one file, however many they lay in, and says where each is now. */
async function joinWeights(
  weights: ReadonlyMap<string, TensorLocation>,
  file: string,
): Promise<Map<string, TensorLocation>> {
  const joined = new Map<string, TensorLocation>();
  let offset = 0;
  for (const [name, location] of weights) {
    const range = { start: location.offset, end: location.offset + location.length - 1 };
    await pipeline(createReadStream(location.file, range), createWriteStream(file, { flags: 'a' }));
    joined.set(name, { ...location, file, offset });
    offset += location.length;
  }
  return joined;
}

function oddHeads(modelFolder: string, { headSize }: ModelConfig): UserError {
  return new UserError(
    `The model in ${modelFolder} has heads of ${headSize} numbers; only multiples of 8 can be exported to ONNX.`,
    { offending: String(headSize) },
  );
}
