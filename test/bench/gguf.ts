import { open } from 'node:fs/promises';
import type { ModelConfig } from '../../magics/engine/config.ts';
import { toFloat16 } from '../../magics/engine/half.ts';
import { readTensor, type TensorLocation } from '../../magics/engine/safetensors.ts';

/** GGML's types of tensors: their numbers in the file format. */
const types = { F32: 0, Q4_0: 2 } as const;
export type GgufType = keyof typeof types;

const alignment = 32;

/** Writes a Llama's weights as a GGUF file (version 3) for llama.cpp: matrices in `type`, norms in F32. */
export async function writeGguf(
  file: string,
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorLocation>,
  type: GgufType,
): Promise<void> {
  const tensors = tensorNames(config).map(([name, source]) => {
    const location = weights.get(source)!;
    const stored = location.shape.length === 1 ? ('F32' as const) : type;
    const count = location.shape.reduce((a, b) => a * b, 1);
    return { name, source, location, stored, bytes: stored === 'F32' ? 4 * count : (count / 32) * 18 };
  });
  const infos: Buffer[] = [];
  let offset = 0;
  for (const { name, location, stored, bytes } of tensors) {
    const dims = [...location.shape].reverse().map(uint64);
    infos.push(text(name), uint32(location.shape.length), ...dims, uint32(types[stored]), uint64(offset));
    offset += padded(bytes);
  }
  const metadata = describe(config);
  const header = [
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(metadata.length),
    ...metadata,
    ...infos,
  ];
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(fill(Buffer.concat(header)));
    for (const { source, location, stored } of tensors) {
      const { data } = await readTensor(source, location);
      const ordered = /\.[qk]_proj\./.test(source) ? interleaveHalves(data, config.headSize, location.shape[1]!) : data;
      await handle.writeFile(fill(stored === 'F32' ? Buffer.from(ordered.buffer) : quantize(ordered)));
    }
  } finally {
    await handle.close();
  }
}

function tensorNames({ layers, tiedEmbeddings }: ModelConfig): [name: string, source: string][] {
  const parts: Record<string, string> = {
    attn_norm: 'input_layernorm',
    attn_q: 'self_attn.q_proj',
    attn_k: 'self_attn.k_proj',
    attn_v: 'self_attn.v_proj',
    attn_output: 'self_attn.o_proj',
    ffn_norm: 'post_attention_layernorm',
    ffn_gate: 'mlp.gate_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
  };
  const blocks = Array.from({ length: layers }, (_, layer) =>
    Object.entries(parts).map(([name, source]): [string, string] => [
      `blk.${layer}.${name}.weight`,
      `model.layers.${layer}.${source}.weight`,
    ]),
  );
  return [
    ['token_embd.weight', 'model.embed_tokens.weight'],
    ...blocks.flat(),
    ['output_norm.weight', 'model.norm.weight'],
    ...(tiedEmbeddings ? [] : [['output.weight', 'lm_head.weight'] as [string, string]]),
  ];
}

/** Metadata that llama.cpp asks for, with a vocabulary of bytes and numbered tokens. */
function describe(config: ModelConfig): Buffer[] {
  const { vocabularySize, heads, keyValueHeads, headSize } = config;
  const tokens = Array.from({ length: vocabularySize }, (_, id) => {
    if (id < 3) return ['<unk>', '<s>', '</s>'][id]!;
    return id < 259 ? `<0x${(id - 3).toString(16).toUpperCase().padStart(2, '0')}>` : `t${id}`;
  });
  const kinds = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  const base = 1 / config.attention[0]!.rotary!.frequencies[1]! ** (headSize / 2);
  return [
    entry('general.architecture', 8, text('llama')),
    entry('general.name', 8, text('bench')),
    entry('llama.context_length', 4, uint32(config.contextTokens)),
    entry('llama.embedding_length', 4, uint32(config.hiddenSize)),
    entry('llama.block_count', 4, uint32(config.layers)),
    entry('llama.feed_forward_length', 4, uint32(config.intermediateSize)),
    entry('llama.attention.head_count', 4, uint32(heads)),
    entry('llama.attention.head_count_kv', 4, uint32(keyValueHeads)),
    entry('llama.attention.layer_norm_rms_epsilon', 6, float32(config.normEpsilon)),
    entry('llama.rope.dimension_count', 4, uint32(headSize)),
    entry('llama.rope.freq_base', 6, float32(base)),
    entry('llama.vocab_size', 4, uint32(vocabularySize)),
    entry('tokenizer.ggml.model', 8, text('llama')),
    entry('tokenizer.ggml.tokens', 9, list(8, tokens.map(text))),
    entry(
      'tokenizer.ggml.scores',
      9,
      list(
        6,
        tokens.map((_, id) => float32(-id)),
      ),
    ),
    entry('tokenizer.ggml.token_type', 9, list(5, kinds.map(uint32))),
    entry('tokenizer.ggml.bos_token_id', 4, uint32(1)),
    entry('tokenizer.ggml.eos_token_id', 4, uint32(2)),
  ];
}

/** llama.cpp rotates neighbours, Hugging Face halves: row i of a head and row D / 2 + i become rows 2 i and 2 i + 1. */
function interleaveHalves(matrix: Float32Array, headSize: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  const half = headSize / 2;
  for (let row = 0; row < matrix.length / columns; row++) {
    const inHead = row % headSize;
    const target = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    result.set(matrix.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return result;
}

/** Blocks of 32 numbers: a half-precision scale, then 4-bit steps, number i in the low half of byte i, i + 16 in its high one. */
function quantize(data: Float32Array): Buffer {
  const blocks = Buffer.alloc((data.length / 32) * 18);
  for (let block = 0; block < data.length / 32; block++) {
    const numbers = data.subarray(block * 32, (block + 1) * 32);
    const largest = numbers.reduce((found, x) => (Math.abs(x) > Math.abs(found) ? x : found), 0);
    const scale = largest / -8;
    const step = (i: number) => Math.min(15, Math.trunc((scale === 0 ? 0 : numbers[i]! / scale) + 8.5));
    blocks.writeUInt16LE(toFloat16(Float32Array.of(scale))[0]!, block * 18);
    for (let i = 0; i < 16; i++) blocks[block * 18 + 2 + i] = step(i) | (step(i + 16) << 4);
  }
  return blocks;
}

function entry(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), uint32(type), value]);
}

function list(type: number, values: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(type), uint64(values.length), ...values]);
}

function text(value: string): Buffer {
  return Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function uint64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function float32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function fill(buffer: Buffer): Buffer {
  return Buffer.concat([buffer, Buffer.alloc(padded(buffer.length) - buffer.length)]);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
