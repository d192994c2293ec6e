import { UserError } from '../errors.ts';
import { type FinetuneOptions, hasAdapter } from './config.ts';

/** Refuses options that contradict each other, naming both. */
export function checkCombinations(options: FinetuneOptions): void {
  const isNew = typeof options.base_model === 'object' && 'hidden_size' in options.base_model;
  const hasValidation = options.test_datasets !== undefined || options.val_set_size > 0;
  const refusals: [boolean, string, string][] = [
    [
      options.datasets === undefined && options.data === undefined,
      'datasets',
      'There is nothing to train on. Add "datasets: [{ path: NAME, prompt: NAME }]", or --data NAME.',
    ],
    [
      options.datasets !== undefined && options.data !== undefined,
      'data',
      '"data" is short for "datasets" with one entry: give one of the two.',
    ],
    [
      options.num_epochs !== undefined && options.max_steps !== undefined,
      'max_steps',
      '"num_epochs" and "max_steps" both say how long to train: give one of the two.',
    ],
    [
      options.engine === 'tfjs' && (options.adapter === 'qlora' || options.load_in_4bit === true),
      'engine',
      'The tfjs engine keeps weights in float32: use "adapter: lora" with it, or leave "engine" out.',
    ],
    [
      options.warmup_steps !== undefined && options.warmup_ratio !== undefined,
      'warmup_ratio',
      '"warmup_steps" and "warmup_ratio" both say how long to warm up: give one of the two.',
    ],
    [
      isNew && hasAdapter(options),
      'adapter',
      'A new model has no weights to adapt: leave "adapter" out to train all of it.',
    ],
    [
      !isNew && options.label_tokens,
      'label_tokens',
      '"label_tokens" adds tokens to the tokenizer of a new model; this base has its own. Leave it out.',
    ],
    [
      options.early_stopping_patience !== undefined && !hasValidation,
      'early_stopping_patience',
      '"early_stopping_patience" watches the validation loss: add "val_set_size: 0.1" or "test_datasets".',
    ],
    [
      options.load_best_model_at_end === true && !hasValidation,
      'load_best_model_at_end',
      '"load_best_model_at_end" needs a validation loss: add "val_set_size: 0.1" or "test_datasets".',
    ],
    [
      options.train_on_inputs && options.prompt_loss_weight !== undefined,
      'prompt_loss_weight',
      '"train_on_inputs" means a prompt_loss_weight of 1: give one of the two.',
    ],
    [
      hasAdapter(options) && options.dropout > 0,
      'dropout',
      '"dropout" is for full training; with an adapter use "lora_dropout".',
    ],
    [
      options.load_in_4bit === true && options.adapter !== 'qlora',
      'load_in_4bit',
      '"load_in_4bit" is for a base that an adapter is trained on: set "adapter: qlora".',
    ],
    [
      options.load_in_4bit === false && options.adapter === 'qlora',
      'load_in_4bit',
      '"adapter: qlora" keeps the base in four bits: leave "load_in_4bit" out, or use "adapter: lora".',
    ],
    [
      options.pad_to_sequence_len === true && !options.sample_packing,
      'pad_to_sequence_len',
      '"pad_to_sequence_len" is for packed rows: add "sample_packing: true", or leave it out.',
    ],
    [
      options.engine === 'tfjs' &&
        (options.sample_packing || options.gradient_checkpointing || options.adapter === 'qlora'),
      'engine',
      'TensorFlow.js trains in float32 without packing or recomputation: leave "engine: tfjs" out.',
    ],
  ];
  for (const [isRefused, offending, message] of refusals) if (isRefused) throw new UserError(message, { offending });
}
