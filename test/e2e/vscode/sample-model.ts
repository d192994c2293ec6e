import path from 'node:path';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';

const config = {
  ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu', tie_word_embeddings: true },
  ...{ vocab_size: 300, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2 },
  ...{ num_key_value_heads: 1, max_position_embeddings: 128, rms_norm_eps: 1e-5, eos_token_id: 1 },
};

/** Writes `models/tiny`, an untrained model that answers at once, and wrongly. */
export async function addTinyModel(folder: string): Promise<void> {
  const model = path.join(folder, 'models/tiny');
  await initializeModel(model, config, 1);
  await trainTokenizer(['every day at nine', '0 9 * * *'], { vocabularySize: 300, minFrequency: 1 }).save(model);
}
