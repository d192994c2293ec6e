import type { SamplingOptions } from './decode/sample.ts';

/** Token ids in, token ids out; made by `loadTokenizer(folder)` or `trainTokenizer(texts, options)`. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly eosTokenId: number;
  readonly bosTokenId?: number;
  readonly padTokenId: number;
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[];
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** The bytes of each token that stands for text, by id; special tokens have none. */
  tokenBytes(): ReadonlyMap<number, Uint8Array>;
  /** Renders `chat_template` (Jinja). Throws a UserError when the tokenizer has none. */
  applyChatTemplate(messages: readonly ToolMessage[], options?: ChatTemplateOptions): string;
  readonly hasChatTemplate: boolean;
  /** Writes tokenizer.json and tokenizer_config.json. */
  save(folder: string): Promise<void>;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
}

/** A message of a conversation in which functions are called, as chat templates take it. */
export interface ToolMessage extends ChatMessage {
  /** Calls that the assistant has made in this turn. */
  tool_calls?: readonly { id: string; type: 'function'; function: { name: string; arguments: object } }[];
  /** Of a tool's turn: the call that it answers, and the function that was called. */
  tool_call_id?: string;
  name?: string;
}

export interface ChatTemplateOptions {
  /** Ends with what an answer begins after; false by default. */
  addGenerationPrompt?: boolean;
  /** Functions that the model may call, as OpenAI's API describes them. */
  tools?: readonly ToolDefinition[];
}

export interface ToolDefinition {
  type: 'function';
  function: { name: string; description?: string; parameters?: Readonly<Record<string, unknown>> };
}

export type Device = 'cpu' | 'webgpu' | 'cuda';

/** One right-padded batch. Every array is [rows * sequenceTokens], row-major. */
export interface Batch {
  rows: number;
  sequenceTokens: number;
  inputIds: Int32Array | BigInt64Array;
  /** The token to predict at each position; positions of weight 0 may hold any id. */
  labels: Int32Array | BigInt64Array;
  /** Weight of each position in the loss; the loss is the weighted sum over the sum of weights. */
  weights: Float32Array;
  /** Which sequence of its row each position belongs to, where rows hold several; they do not see each other. Absent: one per row. */
  segments?: Int32Array;
}

export interface AdapterOptions {
  rank: number;
  alpha: number;
  dropout: number;
  /** Last parts of module names, which depend on the architecture (q_proj, c_attn ...), or `all-linear`. */
  targetModules: readonly string[];
  /** Folder of an adapter in PEFT's layout that training goes on with; absent: a new adapter. */
  initialFolder?: string;
}

export interface OptimizerOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Global gradient norm above which gradients are scaled down; 0 means no clipping. */
  maxGradientNorm: number;
}

export interface TrainerOptions {
  /** Folder in Hugging Face layout (config.json, model.safetensors); for a new model, one that `initializeModel` wrote. */
  modelFolder: string;
  /** Absent: all weights are trained. */
  adapter?: AdapterOptions;
  optimizer: OptimizerOptions;
  seed: number;
  device?: Device | 'auto';
  /** Intra-op threads; absent: all cores. */
  threads?: number;
  /** Longest sequence that will be trained on; absent: the model's context. */
  longestTokens?: number;
  /** Positions whose attention is computed at a time on a processor, see `attentionBlockSize`; absent: all of them. */
  attentionBlockSize?: number;
  /** Keep the frozen linear modules in four bits (QLoRA); with an adapter only. */
  quantized?: boolean;
  /** Keep frozen weights a second time, arranged for products: a twentieth faster; false by default. */
  packsWeights?: boolean;
  /** Compute the activations of each layer again for the gradients: less memory, about a third more work. */
  recomputesLayers?: boolean;
  /** Dropout on embeddings and residual branches in full training; 0 by default. */
  dropout?: number;
  /** Share of the probability mass that the training target spreads over the whole vocabulary; 0 by default. */
  labelSmoothing?: number;
}

export interface StepResult {
  /** Weighted mean cross-entropy, nats. */
  loss: number;
  /** Global L2 norm before clipping. */
  gradientNorm: number;
}

/** A training session: forward, backward and AdamW in one ONNX graph per batch shape. */
export interface Trainer {
  readonly device: Device;
  /** What computes, where it is not ONNX Runtime: `tfjs wasm`. */
  readonly engine?: string;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  /** One optimizer step. With several batches their gradients are accumulated first. */
  step(batches: readonly Batch[], learningRate: number): Promise<StepResult>;
  /** Loss without training: sum of weighted losses and sum of weights, and per-row exact match of the argmax where weight > 0. */
  evaluate(batch: Batch): Promise<{ lossSum: number; weightSum: number; rowsCorrect: boolean[] }>;
  /** Weights, Adam moments, step count and dropout state, written atomically; `load` continues bit for bit. */
  saveCheckpoint(folder: string): Promise<void>;
  loadCheckpoint(folder: string): Promise<void>;
  /** Writes the adapter in PEFT layout (adapter_config.json, adapter_model.safetensors). */
  saveAdapter(folder: string, baseModelName: string): Promise<void>;
  /** Writes the model in Hugging Face layout, the adapter merged into it; the tokenizer files are copied along. */
  saveModel(folder: string, options?: { dtype?: 'float32' | 'float16' }): Promise<void>;
  dispose(): Promise<void>;
}

export interface GenerateOptions extends SamplingOptions {
  maxNewTokens: number;
  seed?: number;
  stop?: readonly string[];
  /** Further tokens that end the answer, beside the model's own. */
  stopTokens?: readonly number[];
  /** What the whole answer must look like. */
  constraint?: OutputConstraint;
  /** How many of the likeliest tokens are reported at each place. */
  topLogprobs?: number;
  /** Name of a loaded adapter. */
  adapter?: string;
  signal?: AbortSignal;
  /** Called for each token as it is made: `row` of the batch, id, its log-probability and the likeliest tokens there. */
  onToken?(row: number, id: number, logprob: number, top: readonly TokenChoice[]): void;
}

/** One of some texts, JSON that a JSON Schema describes, or any JSON. */
export type OutputConstraint =
  | { choices: readonly string[] }
  | { jsonSchema: Readonly<Record<string, unknown>> }
  | { json: true };

/** A token that was likely at some place, and its log-probability. */
export interface TokenChoice {
  id: number;
  logprob: number;
}

export interface Generation {
  tokens: number[];
  text: string;
  logprobs: number[];
  /** For each token the likeliest ones there, when asked for. */
  topLogprobs?: (readonly TokenChoice[])[];
  finishReason: 'stop' | 'length' | 'aborted';
  /** The token that ended the answer, which it is no part of. */
  stopToken?: number;
  promptTokens: number;
  /** First tokens of the prompt that did not have to be computed: another sequence had begun with them. */
  cachedTokens: number;
  /** Tokens of the answer that were guessed right and did not take a run of their own. */
  guessedTokens: number;
}

/** A sequence whose positions from `from` on make its embedding; those before it are only read. */
export interface EmbeddedSequence {
  ids: readonly number[];
  from: number;
}

/** A decoding session with a KV cache. What different calls ask for is decoded together, as far as there is room. */
export interface Generator {
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  readonly contextTokens: number;
  generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<Generation[]>;
  /** Log-probability of each token of each sequence given the ones before it (the first is NaN-free: it is left out, length n-1). */
  score(sequences: readonly (readonly number[])[], options?: { adapter?: string }): Promise<Float32Array[]>;
  /** Mean of the final hidden states over each sequence's positions from `from` on: [hidden] each. */
  embed(sequences: readonly EmbeddedSequence[], options?: { adapter?: string }): Promise<Float32Array[]>;
  /** Names of the loaded adapters. */
  readonly adapters: readonly string[];
  /** Loads a LoRA in PEFT's layout beside the model, or replaces the one of that name. Calls then may name it. */
  loadAdapter(name: string, folder: string): Promise<void>;
  /** Waits for the calls that use it. UserError for a name that is not loaded. */
  unloadAdapter(name: string): Promise<void>;
  dispose(): Promise<void>;
}
