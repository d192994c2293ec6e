import { describe, expect, it } from 'vitest';
import { checkCombinations } from '../../../magics/finetune/check-combinations.ts';
import { finetuneOptions } from '../../../magics/finetune/config.ts';
import { finetune } from '../../../magics/finetune/index.ts';
import { checkOptions } from '../../../magics/llmops.ts';

const minimal = { base_model: 'models/base', datasets: [{ path: 'schedules', prompt: 'cron' }] };
const newModel = { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 };

function messages(options: unknown): string[] {
  return finetuneOptions.safeParse(options).error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? [];
}

describe("%finetune's options", () => {
  it('fill in defaults: full fine-tuning, all seven linear modules for adapters', () => {
    const options = finetuneOptions.parse(minimal);
    expect(options).toMatchObject({ lora_r: 16, lora_alpha: 32, seed: 42, device: 'auto', fresh: false });
    expect(options.lora_target_modules).toEqual(['all-linear']);
    expect(options.adapter).toBeUndefined();
  });

  it('take the sizes of a new model, with its tokenizer', () => {
    const options = finetuneOptions.parse({ ...minimal, base_model: { ...newModel, tokenizer: { lowercase: true } } });
    expect(options.base_model).toMatchObject({
      architecture: 'llama',
      tie_word_embeddings: true,
      tokenizer: { lowercase: true, pattern: 'gpt2', min_frequency: 2 },
    });
  });

  it('name the nearest option when an unknown one is given', () => {
    expect(() => checkOptions('%finetune', finetune.verbs.run!, { ...minimal, lora_rank: 8 })).toThrow(
      '%finetune has no option "lora_rank". Did you mean "lora_r"?',
    );
  });

  it.each([
    [
      { ...minimal, datasets: [{ path: 'a', promt: 'cron' }] },
      'datasets.0: datasets has no key "promt"; the nearest is "prompt"',
    ],
    [
      { ...minimal, base_model: { ...newModel, hidden: 3 } },
      'base_model: base_model has no key "hidden"; keys: architecture,',
    ],
    [
      { ...minimal, base_model: { ...newModel, tokenizer: { lowercased: true } } },
      'base_model.tokenizer: tokenizer has no key "lowercased"; the nearest is "lowercase"',
    ],
    [{ datasets: minimal.datasets }, 'base_model: expected owner/name of the Hugging Face hub'],
    [{ ...minimal, datasets: [{ path: 7 }] }, 'datasets.0.path: expected a data set'],
    [{ ...minimal, bf16: true }, 'bf16: training is in float32 only'],
    [{ ...minimal, adapter: 'dora' }, 'adapter: Invalid option: expected one of "lora"|"qlora"|"none"'],
    [
      { ...minimal, datasets: [{ ...minimal.datasets[0], roles_to_train: ['robot'] }] },
      'datasets.0.roles_to_train.0: Invalid option',
    ],
    [{ ...minimal, learning_rate: 0 }, 'learning_rate: Too small'],
  ])('refuse %j', (options, expected) => {
    expect(messages(options).join('\n')).toContain(expected);
  });

  it.each([
    [{ datasets: undefined }, /nothing to train on/],
    [{ load_in_4bit: true }, /set "adapter: qlora"/],
    [{ load_in_4bit: false, adapter: 'qlora' }, /keeps the base in four bits/],
    [{ pad_to_sequence_len: true }, /for packed rows: add "sample_packing: true"/],
    [{ engine: 'tfjs', sample_packing: true }, /leave "engine: tfjs" out/],
    [{ data: 'a' }, /"data" is short for "datasets"/],
    [{ num_epochs: 1, max_steps: 10 }, /"num_epochs" and "max_steps" both/],
    [{ warmup_steps: 1, warmup_ratio: 0.1 }, /both say how long to warm up/],
    [{ base_model: newModel, adapter: 'lora' }, /no weights to adapt/],
    [{ label_tokens: true }, /"label_tokens" adds tokens to the tokenizer of a new model/],
    [{ early_stopping_patience: 2 }, /watches the validation loss: add "val_set_size: 0.1"/],
    [{ load_best_model_at_end: true }, /needs a validation loss/],
    [{ train_on_inputs: true, prompt_loss_weight: 0.1 }, /means a prompt_loss_weight of 1/],
    [{ adapter: 'lora', dropout: 0.1 }, /use "lora_dropout"/],
  ])('contradict each other in %j', (changes, expected) => {
    const options = finetuneOptions.parse({ ...minimal, ...changes });
    expect(() => checkCombinations(options)).toThrow(expected);
  });
});
