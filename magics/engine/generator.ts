import { randomInt } from 'node:crypto';
import { suggestion, UserError } from '../errors.ts';
import { readAdapter } from './adapter-folder.ts';
import { type ModelConfig, readModelConfig } from './config.ts';
import type { LoraMatrices } from './decode/adapters.ts';
import { checkEmbedded, checkPrompt, checkSequence } from './decode/check-prompt.ts';
import { type ConstraintCompiler, createConstraintCompiler } from './decode/constraint.ts';
import { createDraft } from './decode/draft.ts';
import { embedSequences } from './decode/embed.ts';
import { createDecodeLoop, type DecodeLoop } from './decode/loop.ts';
import { createModelLoader, type ModelLoader } from './decode/model-loader.ts';
import { type Quantization, quantizeWeights } from './decode/quantize-weights.ts';
import { createRow, type Row } from './decode/row.ts';
import { scoreSequences } from './decode/score.ts';
import { createStopMatcher } from './decode/stop-strings.ts';
import { followLinks } from './follow-links.ts';
import { randomStream } from './random.ts';
import { resolveDevice } from './session.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { Device, EmbeddedSequence, GenerateOptions, Generation, Generator, Tokenizer } from './types.ts';
import { locateWeights } from './weights.ts';

export interface GeneratorOptions {
  /** Folder in Hugging Face layout, with its tokenizer. */
  modelFolder: string;
  device?: Device | 'auto';
  /** Intra-op threads; absent: all cores. */
  threads?: number;
  /** Most sequences that are decoded together; more wait. */
  maxBatch?: number;
  /** Rounds the weights of linear modules when they are loaded: less memory, faster, slightly different answers. */
  quantization?: Quantization;
  /** Guess what follows from what came before while one sequence is decoded; true by default. The answer is the same. */
  guesses?: boolean;
}

/** Loads a model for decoding. UserError for an unsupported model, damaged weights or a device that does not work. */
export async function createGenerator(options: GeneratorOptions): Promise<Generator> {
  const { modelFolder, threads, maxBatch = 32, quantization = 'none', guesses = true } = options;
  const config = await readModelConfig(modelFolder);
  const [tokenizer, device, located] = await Promise.all([
    loadTokenizer(modelFolder),
    resolveDevice(options.device),
    locateWeights(modelFolder, config),
  ]);
  const { folder, weights: stored } = await followLinks(located);
  const weights = { stored, quantized: await quantizeWeights(config, stored, quantization) };
  const loader = createModelLoader(config, weights, { device, threads, externalDataFolder: folder });
  await loader.load([]);
  return new OnnxGenerator({ loader, config, tokenizer, device, maxBatch, guesses });
}

interface Parts {
  loader: ModelLoader;
  config: ModelConfig;
  tokenizer: Tokenizer;
  device: Device;
  maxBatch: number;
  guesses: boolean;
}

class OnnxGenerator implements Generator {
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  readonly contextTokens: number;
  private readonly config: ModelConfig;
  private readonly maxBatch: number;
  private readonly guesses: boolean;
  private readonly stopTokens: ReadonlySet<number>;
  private readonly loader: ModelLoader;
  private readonly loop: DecodeLoop;
  private readonly constraints: ConstraintCompiler;
  /** In the order of their places in the graph's inputs, from 1 on. */
  private readonly loaded = new Map<string, LoraMatrices>();

  constructor({ loader, config, tokenizer, device, maxBatch, guesses }: Parts) {
    this.loader = loader;
    this.config = config;
    this.tokenizer = tokenizer;
    this.device = device;
    this.maxBatch = maxBatch;
    this.guesses = guesses;
    this.contextTokens = config.contextTokens;
    this.stopTokens = new Set([...config.eosTokenIds, tokenizer.eosTokenId]);
    this.loop = createDecodeLoop(config, loader, (row) => this.placeOf(row.options.adapter), maxBatch);
    this.constraints = createConstraintCompiler(tokenizer, config.vocabularySize, this.stopTokens);
  }

  get adapters(): readonly string[] {
    return [...this.loaded.keys()];
  }

  async generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<Generation[]> {
    for (const prompt of prompts) checkPrompt(prompt, this.config);
    this.placeOf(options.adapter);
    const rows = prompts.map((prompt, index) => this.rowFor(prompt, index, options));
    await Promise.all(rows.map((row) => this.loop.submit(row)));
    return rows.map(({ generation }) => generation);
  }

  async score(
    sequences: readonly (readonly number[])[],
    { adapter }: { adapter?: string } = {},
  ): Promise<Float32Array[]> {
    for (const sequence of sequences) checkSequence(sequence, this.config);
    this.placeOf(adapter);
    return this.loop.between((model, first) =>
      scoreSequences(this.config, model, first, sequences, {
        maxBatch: this.maxBatch,
        adapter: this.placeOf(adapter),
      }),
    );
  }

  async embed(sequences: readonly EmbeddedSequence[], { adapter }: { adapter?: string } = {}): Promise<Float32Array[]> {
    for (const sequence of sequences) checkEmbedded(sequence, this.config);
    this.placeOf(adapter);
    return this.loop.between((model, first) =>
      embedSequences(this.config, model, first, sequences, {
        maxBatch: this.maxBatch,
        adapter: this.placeOf(adapter),
      }),
    );
  }

  async loadAdapter(name: string, folder: string): Promise<void> {
    const matrices = await readAdapter(folder, this.config);
    await this.change(name, () => this.loaded.set(name, matrices));
  }

  async unloadAdapter(name: string): Promise<void> {
    this.placeOf(name);
    await this.change(name, () => this.loaded.delete(name));
  }

  async dispose(): Promise<void> {
    await this.loop.between(
      () => this.loader.release(),
      () => true,
    );
  }

  /** Changes the loaded adapters while nothing uses the one of this name. */
  private async change(name: string, apply: () => unknown): Promise<void> {
    const isBlocked = (row: Row) => row.options.adapter === name;
    await this.loop.between(async () => {
      apply();
      this.loop.forget(name);
      await this.loader.load([...this.loaded.values()]);
    }, isBlocked);
  }

  private rowFor(prompt: readonly number[], index: number, options: GenerateOptions): Row {
    const { onToken, constraint, seed = randomInt(2 ** 32) } = options;
    return createRow({
      prompt,
      options,
      onToken: onToken && ((...token) => onToken(index, ...token)),
      random: randomStream('sampling', seed, index),
      stop: createStopMatcher(this.tokenizer, options.stop ?? []),
      stopTokens: this.stopTokens,
      limit: Math.min(options.maxNewTokens, this.contextTokens - prompt.length),
      draft: this.guesses ? createDraft() : undefined,
      constraint: constraint && this.constraints.compile(constraint),
    });
  }

  /** 0 is the model itself. UserError for an adapter that is not loaded. */
  private placeOf(adapter: string | undefined): number {
    if (adapter === undefined) return 0;
    const place = this.adapters.indexOf(adapter);
    if (place === -1) throw adapterNotLoaded(adapter, this.adapters);
    return place + 1;
  }
}

function adapterNotLoaded(name: string, loaded: readonly string[]): UserError {
  return new UserError(`No adapter "${name}" is loaded.${suggestion(name, loaded, 'Loaded adapters')}`, {
    offending: name,
  });
}
