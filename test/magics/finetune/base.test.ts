import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../magics/engine/config.ts';
import { loadTokenizer } from '../../../magics/engine/tokenizer.ts';
import { prepareBase } from '../../../magics/finetune/base.ts';
import { newModel, trainingConfig } from '../../../magics/finetune/config.ts';
import type { Document } from '../../../magics/finetune/documents.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

const create = newModel.parse({ hidden_size: 20, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 });
const documents: Document[] = ['refund', 'card arrival', 'refund'].map((answer) => ({
  messages: [{ role: 'user', content: `about my ${answer}` }],
  answer,
}));

describe('a new base model', () => {
  it('is a whole model folder, the same for the same data and seed', async () => {
    const config = trainingConfig.parse({ sequence_len: 64 });
    const [a, b] = [makeFolder(), makeFolder()];
    for (const folder of [a, b]) await prepareBase({ create }, folder, documents, config);
    for (const name of ['model.safetensors', 'tokenizer.json', 'config.json']) {
      expect((await readFile(path.join(a, name))).equals(await readFile(path.join(b, name)))).toBe(true);
    }
    const json = JSON.parse(await readFile(path.join(a, 'config.json'), 'utf8'));
    expect(parseModelConfig(json)).toMatchObject({
      vocabularySize: (await loadTokenizer(a)).vocabularySize,
      intermediateSize: 56,
      contextTokens: 64,
      eosTokenIds: [1],
    });
  });

  it('has a token for every different answer when asked', async () => {
    const { tokenizer } = await prepareBase(
      { create },
      makeFolder(),
      documents,
      trainingConfig.parse({ label_tokens: true }),
    );
    const plain = await prepareBase({ create }, makeFolder(), documents, trainingConfig.parse({}));
    const afterSpecialTokens = [5, 6];
    expect(afterSpecialTokens.map((id) => tokenizer.decode([id]))).toEqual(['card arrival', 'refund']);
    expect(plain.tokenizer.decode([5])).not.toBe('card arrival');
  });

  it('refuses labels that are really free text', async () => {
    const many = Array.from({ length: 1001 }, (_, i): Document => ({ messages: [], answer: `answer ${i}` }));
    await expect(
      prepareBase({ create }, makeFolder(), many, trainingConfig.parse({ label_tokens: true })),
    ).rejects.toThrow(/there are 1001 \(1000 at most\)\. Leave label_tokens out/);
  });
});
