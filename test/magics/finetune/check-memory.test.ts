import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../magics/engine/config.ts';
import { estimateMemory } from '../../../magics/engine/estimate-memory.ts';
import { canPackWeights, checkMemory, memoryText } from '../../../magics/finetune/check-memory.ts';

const config = parseModelConfig({
  architectures: ['LlamaForCausalLM'],
  vocab_size: 49_152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  tie_word_embeddings: true,
});
const parameters = 134_515_008;
const adapter = { rank: 8, targetModules: ['q_proj', 'v_proj'] };
const packed = { adapter, packsWeights: true };
const full = { config, quantized: false, recomputesLayers: false, rows: 8, tokens: 256, chosen: 2048 };
const gib = 2 ** 30;

describe('the memory estimate', () => {
  it('counts weights, gradients and moments from the model itself', () => {
    const { weights, state } = estimateMemory(full);
    expect(weights).toBe(4 * parameters);
    expect(state).toBe(12 * parameters);
    expect(estimateMemory({ ...full, adapter }).state).toBe(16 * 30 * 8 * (576 + 576 + 576 + 192));
    expect(estimateMemory({ ...full, adapter, quantized: true }).weights).toBeLessThan(0.35 * weights);
  });

  it.each([
    ['LoRA, 2 x 128 tokens', 1019, { adapter, rows: 2, chosen: 256 }],
    ['LoRA, 4 x 128 tokens of which a quarter is learned', 1244, { adapter, rows: 4, chosen: 128 }],
    ['full, 4 x 128 tokens', 3147, { rows: 4, chosen: 512 }],
    ['LoRA, 4 x 256 tokens', 2742, { ...packed, rows: 4, tokens: 256, chosen: 1024, attentionBlockSize: 128 }],
    ['LoRA, 1 x 1024 tokens', 2735, { ...packed, rows: 1, tokens: 1024, chosen: 1024, attentionBlockSize: 128 }],
    ['LoRA, 1 x 2048 tokens', 5633, { ...packed, rows: 1, tokens: 2048, chosen: 2048, attentionBlockSize: 128 }],
    ['full, 2 x 512 tokens', 3893, { rows: 2, tokens: 512, chosen: 1024, attentionBlockSize: 128 }],
  ])('is within a fifth of what a training was measured to take: %s', (_, mebibytes, changes) => {
    const { total } = estimateMemory({ ...full, tokens: 128, ...changes });
    expect(total / (mebibytes * 2 ** 20)).toBeGreaterThan(0.8);
    expect(total / (mebibytes * 2 ** 20)).toBeLessThan(1.2);
  });

  it('falls with fewer rows, recomputed layers, attention in blocks and logits at fewer positions', () => {
    const { activations } = estimateMemory(full);
    expect(estimateMemory({ ...full, rows: 4, chosen: 1024 }).activations).toBeCloseTo(activations / 2, -1);
    expect(estimateMemory({ ...full, recomputesLayers: true }).activations).toBeLessThan(activations / 2);
    expect(estimateMemory({ ...full, chosen: 256 }).activations).toBeLessThan(activations);
    expect(estimateMemory({ ...full, attentionBlockSize: 128 }).activations).toBeLessThan(activations);
  });
});

describe('frozen weights', () => {
  const lora = { ...full, adapter, rows: 4, tokens: 128, chosen: 512 };

  it('are kept twice where that takes at most half the memory, as measured for LoRA on 4 x 128 tokens', () => {
    expect(canPackWeights(lora, 8 * gib)).toBe(true);
    expect(canPackWeights(lora, 2.5 * gib)).toBe(false);
    const { total } = estimateMemory({ ...lora, packsWeights: true });
    expect(total / (2005 * 2 ** 20)).toBeGreaterThan(0.8);
    expect(total / (2005 * 2 ** 20)).toBeLessThan(1.2);
  });

  it('are kept once in four bits, and there are none in full training', () => {
    expect(canPackWeights({ ...lora, quantized: true }, 64 * gib)).toBe(false);
    expect(canPackWeights(full, 64 * gib)).toBe(false);
  });
});

describe('a training that does not fit', () => {
  it('is refused with what it would take and what would fit', () => {
    expect(() => checkMemory(full, 4 * gib)).toThrow(
      /would take about \d+(\.\d)? GiB of memory \(weights 513 MiB, gradients and moments 1\.5 GiB, activations .*\), and the machine has 4\.0 GiB\. What would fit: micro_batch_size: \d .*gradient_checkpointing: true/,
    );
  });

  it('is offered only settings that fit', () => {
    expect(() => checkMemory(full, 1.2 * gib)).toThrow(/What would fit: adapter: qlora, gradient_checkpointing/);
    expect(() => checkMemory(full, 0.1 * gib)).toThrow(/No setting would make it fit/);
  });

  it('is told apart from one that does', () => {
    expect(checkMemory({ ...full, adapter }, 64 * gib)).toEqual(estimateMemory({ ...full, adapter }));
    expect(memoryText({ total: 2 * gib, weights: gib, state: 0.02 * gib, activations: 0.9 * gib })).toBe(
      'about 2.0 GiB of memory (weights 1.0 GiB, gradients and moments 20 MiB, activations 922 MiB)',
    );
  });
});
