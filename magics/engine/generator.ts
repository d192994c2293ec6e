import { randomInt } from 'node:crypto';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { checkPrompt, checkSequence } from './check-prompt.ts';
import { type ModelConfig, readModelConfig } from './config.ts';
import { inputFeeds, selectionFeeds } from './decode-feeds.ts';
import { buildDecodeGraph } from './decode-graph.ts';
import { groupByLength } from './group-by-length.ts';
import { createKeyValueCache, type KeyValueCache } from './key-value-cache.ts';
import { type RandomStream, randomStream } from './random.ts';
import { sampleToken } from './sample.ts';
import { createSession, resolveDevice } from './session.ts';
import { createStopMatcher } from './stop-strings.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { Device, GenerateOptions, Generation, Generator, Tokenizer } from './types.ts';
import { locateWeights } from './weights.ts';

export interface GeneratorOptions {
  /** Folder in Hugging Face layout, with its tokenizer. */
  modelFolder: string;
  device?: Device | 'auto';
  /** Intra-op threads; absent: all cores. */
  threads?: number;
  /** Most prompts that are decoded together; more are decoded in groups. */
  maxBatch?: number;
}

/** Loads a model for decoding. UserError for an unsupported model, damaged weights or a device that does not work. */
export async function createGenerator(options: GeneratorOptions): Promise<Generator> {
  const { modelFolder, threads, maxBatch = 32 } = options;
  const config = await readModelConfig(modelFolder);
  const [tokenizer, device, weights] = await Promise.all([
    loadTokenizer(modelFolder),
    resolveDevice(options.device),
    locateWeights(modelFolder, config),
  ]);
  const model = buildDecodeGraph(config, weights);
  const session = await createSession(model, { device, threads, externalDataFolder: modelFolder });
  return new OnnxGenerator({ session, config, tokenizer, device, maxBatch });
}

/** Most positions that attend to each other at once: their scores take memory of positions times length. */
const attentionPositions = 8192;

/** Most logits at once when every position is scored: 256 MB. */
const scoredLogits = 2 ** 26;

interface Parts {
  session: InferenceSession;
  config: ModelConfig;
  tokenizer: Tokenizer;
  device: Device;
  maxBatch: number;
}

/** One sequence that is being decoded. */
interface Row {
  /** Place in the caller's list of prompts. */
  index: number;
  generation: Generation;
  random: RandomStream;
  /** The token to feed next, sampled last. */
  next: number;
}

class OnnxGenerator implements Generator {
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  readonly contextTokens: number;
  private readonly session: InferenceSession;
  private readonly config: ModelConfig;
  private readonly maxBatch: number;
  private readonly stopTokens: ReadonlySet<number>;
  /** Calls run one after the other: each awaits the one before. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor({ session, config, tokenizer, device, maxBatch }: Parts) {
    this.session = session;
    this.config = config;
    this.tokenizer = tokenizer;
    this.device = device;
    this.maxBatch = maxBatch;
    this.contextTokens = config.contextTokens;
    this.stopTokens = new Set([...config.eosTokenIds, tokenizer.eosTokenId]);
  }

  async generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<Generation[]> {
    for (const prompt of prompts) checkPrompt(prompt, this.config);
    const seed = options.seed ?? randomInt(2 ** 32);
    const rows = prompts.map((prompt, index) => ({
      index,
      generation: { tokens: [], text: '', logprobs: [], finishReason: 'length' as const, promptTokens: prompt.length },
      random: randomStream('sampling', seed, index),
      next: 0,
    }));
    return this.enqueue(async () => {
      const limits = { rows: this.maxBatch, positions: attentionPositions };
      for (const group of groupByLength(rows, (row) => prompts[row.index]!.length, limits)) {
        await this.decode(group, prompts, options);
      }
      return rows.map(({ generation }) => generation);
    });
  }

  async score(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    for (const sequence of sequences) checkSequence(sequence, this.config);
    return this.enqueue(async () => {
      const scores: Float32Array[] = new Array(sequences.length);
      const places = [...sequences.keys()];
      const positions = Math.min(attentionPositions, scoredLogits / this.config.vocabularySize);
      for (const group of groupByLength(places, (place) => sequences[place]!.length, {
        rows: this.maxBatch,
        positions,
      })) {
        const results = await this.scoreGroup(group.map((place) => sequences[place]!));
        for (const [i, place] of group.entries()) scores[place] = results[i]!;
      }
      return scores;
    });
  }

  async dispose(): Promise<void> {
    await this.enqueue(() => this.session.release());
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async decode(
    group: readonly Row[],
    prompts: readonly (readonly number[])[],
    options: GenerateOptions,
  ): Promise<void> {
    const stop = createStopMatcher(this.tokenizer, options.stop ?? []);
    const cache = createKeyValueCache(this.config, group.length);
    let active = [...group];
    let inputs = active.map((row) => prompts[row.index]!);
    while (active.length > 0) {
      if (options.signal?.aborted === true) {
        for (const row of active) row.generation.finishReason = 'aborted';
        break;
      }
      const logits = await this.forward(inputs, cache);
      const kept = active.flatMap((row, i) => (this.advance(row, logits[i]!, options, stop) ? [i] : []));
      if (kept.length < active.length && kept.length > 0) cache.keepRows(kept);
      active = kept.map((i) => active[i]!);
      inputs = active.map((row) => [row.next]);
    }
    for (const { generation } of group) generation.text = stop.textOf(generation.tokens);
  }

  /** Samples the row's next token; false when the row is finished. */
  private advance(
    row: Row,
    logits: Float32Array,
    options: GenerateOptions,
    stop: ReturnType<typeof createStopMatcher>,
  ): boolean {
    const { generation } = row;
    const limit = Math.min(options.maxNewTokens, this.contextTokens - generation.promptTokens);
    if (generation.tokens.length >= limit) return false;
    const { id, logprob } = sampleToken(logits, options, row.random);
    if (this.stopTokens.has(id)) {
      generation.finishReason = 'stop';
      return false;
    }
    generation.tokens.push(id);
    generation.logprobs.push(logprob);
    options.onToken?.(row.index, id, logprob);
    if (stop.isFinished(generation.tokens)) {
      generation.finishReason = 'stop';
      return false;
    }
    row.next = id;
    return generation.tokens.length < limit;
  }

  /** Feeds each row's new tokens, appends them to the cache and answers the logits after the last one of each row. */
  private async forward(inputs: readonly (readonly number[])[], cache: KeyValueCache): Promise<Float32Array[]> {
    const tokens = Math.max(...inputs.map(({ length }) => length));
    const last = inputs.map(({ length }, row) => row * tokens + length - 1);
    const outputs = await this.session.run(
      { ...inputFeeds(inputs, cache), ...selectionFeeds(last, new Array(last.length).fill(0)) },
      ['logits', 'new_keys', 'new_values'],
    );
    cache.append(
      outputs.new_keys as OrtTensor,
      outputs.new_values as OrtTensor,
      inputs.map(({ length }) => length),
    );
    const logits = outputs.logits!.data as Float32Array;
    const size = this.config.vocabularySize;
    return inputs.map((_, row) => logits.subarray(row * size, (row + 1) * size));
  }

  private async scoreGroup(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const inputs = sequences.map((sequence) => sequence.slice(0, -1));
    const tokens = Math.max(...inputs.map(({ length }) => length));
    const positions = inputs.flatMap(({ length }, row) => Array.from({ length }, (_, i) => row * tokens + i));
    const targets = sequences.flatMap((sequence) => sequence.slice(1));
    const feeds = {
      ...inputFeeds(inputs, createKeyValueCache(this.config, inputs.length)),
      ...selectionFeeds(positions, targets),
    };
    const outputs = await this.session.run(feeds, ['log_probabilities']);
    const all = outputs.log_probabilities!.data as Float32Array;
    let start = 0;
    return inputs.map(({ length }) => {
      start += length;
      return all.slice(start - length, start);
    });
  }
}
