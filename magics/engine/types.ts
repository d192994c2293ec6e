/** Token ids in, token ids out; made by `loadTokenizer(folder)` or `trainTokenizer(texts, options)`. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly eosTokenId: number;
  readonly bosTokenId?: number;
  readonly padTokenId: number;
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[];
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** Renders `chat_template` (Jinja). Throws a UserError when the tokenizer has none. */
  applyChatTemplate(messages: readonly ChatMessage[], options?: { addGenerationPrompt?: boolean }): string;
  readonly hasChatTemplate: boolean;
  /** Writes tokenizer.json and tokenizer_config.json. */
  save(folder: string): Promise<void>;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
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
}

export interface AdapterOptions {
  rank: number;
  alpha: number;
  dropout: number;
  /** Module names: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj. */
  targetModules: readonly string[];
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

export interface GenerateOptions {
  maxNewTokens: number;
  /** 0 means greedy. */
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  stop?: readonly string[];
  signal?: AbortSignal;
  /** Called for each token as it is made: `row` of the batch, id, and its log-probability. */
  onToken?(row: number, id: number, logprob: number): void;
}

export interface Generation {
  tokens: number[];
  text: string;
  logprobs: number[];
  finishReason: 'stop' | 'length' | 'aborted';
  promptTokens: number;
}

/** A decoding session with a KV cache. Calls are queued; `generate` decodes its prompts as one batch. */
export interface Generator {
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  readonly contextTokens: number;
  generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<Generation[]>;
  /** Log-probability of each token of each sequence given the ones before it (the first is NaN-free: it is left out, length n-1). */
  score(sequences: readonly (readonly number[])[]): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}
