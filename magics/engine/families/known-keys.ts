import { nearest, UserError } from '../../errors.ts';

/** Keys of config.json that change no number: what transformers and common trainers write beside a model's own keys. */
const idleKeys = new Set(
  `architectures model_type torch_dtype dtype use_cache bos_token_id pad_token_id sep_token_id initializer_range
  attention_dropout hidden_dropout resid_pdrop embd_pdrop attn_pdrop output_attentions output_hidden_states return_dict
  return_dict_in_generate output_scores tokenizer_class prefix finetuning_task id2label label2id num_labels problem_type
  task_specific_params pruned_heads torchscript use_bfloat16 chunk_size_feed_forward max_length min_length do_sample
  early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p repetition_penalty
  length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids num_return_sequences pretraining_tp
  is_llama_config cache_implementation gradient_checkpointing n_ctx predict_special_tokens max_window_layers
  summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout unsloth_fixed
  model_max_length original_max_position_embeddings`.split(/\s+/),
);

/**
 * Throws a UserError for a key that is neither the family's nor known to be idle, unless it is empty, false or a text:
 * what it stands for might change the numbers.
 */
export function checkKeys(
  json: Readonly<Record<string, unknown>>,
  familyKeys: readonly string[],
  source: string,
): void {
  const unknown = Object.entries(json).find(
    ([key, value]) => !familyKeys.includes(key) && !idleKeys.has(key) && !isNote(key) && !isEmpty(value),
  );
  if (unknown !== undefined) throw unknownKey(source, unknown[0], unknown[1], familyKeys);
}

function isNote(key: string): boolean {
  return key.startsWith('_') || key.startsWith('transformers') || key.endsWith('_version');
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || typeof value === 'string';
}

function unknownKey(source: string, key: string, value: unknown, familyKeys: readonly string[]): UserError {
  const close = nearest(key, familyKeys);
  const hint = close === undefined ? '' : ` Did you mean "${close}"?`;
  const shown = JSON.stringify(value).slice(0, 80);
  return new UserError(
    `${source} has the key "${key}": ${shown}, which this engine does not know for the architecture.${hint} ` +
      'The model might compute something else with it; remove the key if it does not matter.',
  );
}
