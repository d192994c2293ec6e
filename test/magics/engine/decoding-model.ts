import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomStream } from '../../../magics/engine/random.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import { allModules, optimizer, tinyModel } from './tiny-model.ts';

/** All bytes and a few words, so that any text can be written. */
export const tokenizer = trainTokenizer(['one two three four five six seven eight nine ten'], { vocabularySize: 300 });

/** A small model with a tokenizer of its own; `changes` to its config.json. */
export async function decodingModel(changes: Record<string, unknown> = {}): Promise<string> {
  const folder = await tinyModel({
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 64,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    eos_token_id: tokenizer.eosTokenId,
    ...changes,
  });
  await tokenizer.save(folder);
  return folder;
}

/** Folder of an adapter that changes the model's answers. */
export async function trainedAdapter(
  modelFolder: string,
  seed: number,
  { rank = 4, targetModules = allModules }: { rank?: number; targetModules?: readonly string[] } = {},
): Promise<string> {
  const adapter = { rank, alpha: 8, dropout: 0, targetModules };
  const trainer = await createTrainer({ modelFolder, adapter, optimizer, seed, device: 'cpu', threads: 1 });
  const random = randomStream('adapter', seed);
  const ids = Int32Array.from({ length: 16 }, () => 3 + Math.floor(random.uniform() * 250));
  const batch = { rows: 1, sequenceTokens: 16, inputIds: ids, labels: ids, weights: new Float32Array(16).fill(1) };
  for (let i = 0; i < 12; i++) await trainer.step([batch], 2e-2);
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-'));
  await trainer.saveAdapter(folder, 'tiny');
  await trainer.dispose();
  return folder;
}

/** Random prompts of these lengths. */
export function prompts(...lengths: number[]): number[][] {
  return lengths.map((length, row) => {
    const random = randomStream('prompt', row, length);
    return Array.from({ length }, () => 3 + Math.floor(random.uniform() * (tokenizer.vocabularySize - 3)));
  });
}
