import type { ModelConfig } from './config.ts';
import { familyOf } from './families/index.ts';
import { elementCount } from './graph.ts';
import { adaptedModules, linearModules } from './lora.ts';
import type { AdapterOptions } from './types.ts';

/** What a training holds in memory, in bytes. */
export interface MemoryEstimate {
  /** Weights, in the precision that they are kept in. */
  readonly weights: number;
  /** Gradients and Adam's moments of what is trained. */
  readonly state: number;
  /** What the largest batch leaves behind for its gradients, and its logits. */
  readonly activations: number;
  readonly total: number;
}

export interface TrainingShape {
  readonly config: ModelConfig;
  readonly adapter?: Pick<AdapterOptions, 'rank' | 'targetModules'>;
  readonly quantized: boolean;
  readonly recomputesLayers: boolean;
  /** A second copy of the frozen weights, arranged for products. */
  readonly packsWeights?: boolean;
  /** Positions whose attention is computed at a time; all of them by default. */
  readonly attentionBlockSize?: number;
  /** Of the largest batch. */
  readonly rows: number;
  readonly tokens: number;
  /** Positions of that batch whose logits are computed. */
  readonly chosen: number;
}

/** The process itself with its libraries. */
const processBytes = 150 * 2 ** 20;
/**
 * Most that is kept at a time, as a share of all numbers of the forward pass; as measured with models of 7 and 135 million
 * parameters. The gradients of frozen weights need no activations.
 */
const keptShare = { full: 0.9, adapter: 0.7 };
/** Blocks of attention leave gaps in memory, since each sees more than the one before; as measured with up to 16. */
const gapsPerBlock = 1 / 32;
const float = 4;

/** An estimate to about a fifth of the memory that a training takes at most. */
export function estimateMemory(shape: TrainingShape): MemoryEstimate {
  const { config, adapter, quantized, packsWeights = false } = shape;
  const all = familyOf(config.architecture)!
    .parameters(config)
    .reduce((sum, parameter) => sum + elementCount(parameter.shape), 0);
  const linear = linearModules(config).reduce((sum, { input, output }) => sum + input * output, 0);
  const trained = adapter === undefined ? all : adapterElements(config, adapter);
  // Four bits a number and a scale for 32 of them.
  const weights = quantized ? (all - linear) * float + linear * 0.625 : all * float * (packsWeights ? 2 : 1);
  const state = trained * 3 * float + (adapter === undefined ? 0 : trained * float);
  const kept = adapter === undefined ? keptShare.full : keptShare.adapter;
  const activations = kept * float * activationElements(shape) * (1 + gapsPerBlock * (attentionBlocks(shape) - 1));
  return { weights, state, activations, total: processBytes + weights + state + activations };
}

function adapterElements(config: ModelConfig, { rank, targetModules }: NonNullable<TrainingShape['adapter']>): number {
  return adaptedModules(config, targetModules).reduce((sum, { input, output }) => sum + rank * (input + output), 0);
}

/** How many blocks attention over the largest batch is computed in. */
function attentionBlocks({ tokens, attentionBlockSize = tokens }: TrainingShape): number {
  return Math.ceil(tokens / attentionBlockSize);
}

/** Numbers kept from the forward pass: per position about six of hidden size, projections, shares and feed-forward ones. */
function activationElements(shape: TrainingShape): number {
  const { config, recomputesLayers, rows, tokens, chosen } = shape;
  const { hiddenSize, intermediateSize, headSize, heads, keyValueHeads, layers, vocabularySize } = config;
  const blocks = attentionBlocks(shape);
  const projections = headSize * (3 * heads + 3 * keyValueHeads);
  const layer = 6 * hiddenSize + projections + 4 * intermediateSize;
  const shares = (2 * heads * tokens) / blocks;
  const keptLayers = recomputesLayers ? 1 : layers;
  // Of several blocks, the shares of one are there at a time.
  const keptShares = blocks > 1 ? 1 : keptLayers;
  const inputs = recomputesLayers ? layers * hiddenSize : 0;
  const perPosition = inputs + keptLayers * layer + keptShares * shares;
  return rows * tokens * perPosition + 2 * chosen * vocabularySize;
}
