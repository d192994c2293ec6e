import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelTokenText, loadTokenizer, trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import type { ChatMessage } from '../../../magics/engine/types.ts';

interface Golden {
  texts: string[];
  probes: string[];
  tokenizers: {
    options: { pattern: 'gpt2' | 'words'; lowercase: boolean; vocabularySize: number };
    vocab: Record<string, number>;
    merges: [string, string][];
    encodings: number[][];
    decodings: string[];
  }[];
  chats: { template: string; messages: ChatMessage[]; addGenerationPrompt: boolean; text: string }[];
}

const golden: Golden = JSON.parse(await readFile('test/golden/tokenizer/golden.json', 'utf8'));
const temporary = () => mkdtemp(path.join(tmpdir(), 'tokenizer-'));

describe.each(golden.tokenizers)('a tokenizer trained with $options', (reference) => {
  const tokenizer = trainTokenizer(golden.texts, reference.options);

  it('has the vocabulary and the merges that Hugging Face trains', async () => {
    const folder = await temporary();
    await tokenizer.save(folder);
    const { model } = JSON.parse(await readFile(path.join(folder, 'tokenizer.json'), 'utf8'));
    expect(model.merges).toEqual(reference.merges);
    expect(model.vocab).toEqual(reference.vocab);
    expect(tokenizer.vocabularySize).toBe(Object.keys(reference.vocab).length);
  });

  it('encodes and decodes as Hugging Face does', () => {
    expect(golden.probes.map((text) => tokenizer.encode(text))).toEqual(reference.encodings);
    expect(reference.encodings.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true }))).toEqual(
      reference.decodings,
    );
  });

  it('gives text back exactly', () => {
    for (const text of [...golden.texts, ...golden.probes]) {
      const expected = reference.options.lowercase ? text.toLowerCase() : text;
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(expected);
    }
  });

  it('is the same after save and load', async () => {
    const folder = await temporary();
    await tokenizer.save(folder);
    const loaded = await loadTokenizer(folder);
    expect(golden.probes.map((text) => loaded.encode(text))).toEqual(reference.encodings);
    expect([loaded.eosTokenId, loaded.padTokenId, loaded.bosTokenId]).toEqual([1, 0, undefined]);
    const messages: ChatMessage[] = [{ role: 'user', content: 'daily' }];
    expect(loaded.applyChatTemplate(messages, { addGenerationPrompt: true })).toBe('<|user|>daily<|end|><|assistant|>');
  });
});

describe('the words pattern', () => {
  it('keeps digits, punctuation and lone spaces single', () => {
    const tokenizer = trainTokenizer(Array(50).fill('30 9 * * 1-5 1234 1234 ...'), {
      vocabularySize: 400,
      pattern: 'words',
    });
    const text = '30 9 * * 1-5 1234...';
    expect(tokenizer.encode(text)).toHaveLength(text.length);
  });
});

describe('label tokens', () => {
  const labels = ['card_arrival', 'Refund not showing up', 'joy', 'été 東京'];
  const tokenizer = trainTokenizer(golden.texts, { vocabularySize: 400, lowercase: true, labels });

  it('are one token each and decode to the label alone', () => {
    for (const label of labels) {
      const ids = tokenizer.encode(labelTokenText(label));
      expect(ids).toHaveLength(1);
      expect(tokenizer.decode([...ids, tokenizer.eosTokenId], { skipSpecialTokens: true })).toBe(label);
    }
  });

  it('are never made from the same words in a text', () => {
    const labelIds = labels.flatMap((label) => tokenizer.encode(labelTokenText(label)));
    expect(tokenizer.encode('joy of card_arrival').filter((id) => labelIds.includes(id))).toEqual([]);
  });
});

describe('a chat template', () => {
  it.each(golden.chats)('renders as Jinja2 does: $text', async ({ template, messages, addGenerationPrompt, text }) => {
    const tokenizer = trainTokenizer(golden.texts, {
      vocabularySize: 300,
      bosToken: '<s>',
      eosToken: '</s>',
      padToken: '<pad>',
      chatTemplate: template,
    });
    expect(tokenizer.applyChatTemplate(messages, { addGenerationPrompt })).toBe(text);
  });

  it('says in its own words why it refuses messages', () => {
    const { template } = golden.chats.find((chat) => chat.template.includes('roles must alternate'))!;
    const tokenizer = trainTokenizer([], { vocabularySize: 300, chatTemplate: template });
    const messages: ChatMessage[] = [{ role: 'assistant', content: 'hello' }];
    expect(() => tokenizer.applyChatTemplate(messages)).toThrow(/cannot render these messages: .*roles must alternate/);
  });
});

describe('mistakes', () => {
  it('a vocabulary smaller than the bytes is refused with the size it needs', () => {
    expect(() => trainTokenizer([], { vocabularySize: 200 })).toThrow(/take 261\. Set vocab_size above 261/);
  });

  it('a folder without a tokenizer says what a model folder needs', async () => {
    await expect(loadTokenizer(await temporary())).rejects.toThrow(/has no tokenizer\.json/);
  });

  it('a vocabulary of 260,000 tokens loads', async () => {
    const folder = await temporary();
    await trainTokenizer(golden.texts, { vocabularySize: 300 }).save(folder);
    await changeJson(folder, 'tokenizer.json', ({ model, ...rest }) => {
      for (let i = 0; i < 260_000; i++) model.vocab[`unused ${i}`] = 300 + i;
      return { ...rest, model };
    });
    expect((await loadTokenizer(folder)).vocabularySize).toBe(260_300);
  });

  it('more tokens than the model of the same folder has are refused, added ones apart', async () => {
    const folder = await temporary();
    const tokenizer = trainTokenizer(golden.texts, { vocabularySize: 300 });
    await tokenizer.save(folder);
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({ vocab_size: 299 }));
    await expect(loadTokenizer(folder)).rejects.toThrow(/ids up to 299, but the model's vocab_size .* is 299/);
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({ vocab_size: 300 }));
    const added = { id: 300, content: '<image>', special: true };
    await changeJson(folder, 'tokenizer.json', (json) => ({ ...json, added_tokens: [...json.added_tokens, added] }));
    expect((await loadTokenizer(folder)).encode('<image>')).toEqual([300]);
  });

  it('an end token that tokenizer_config.json does not name is taken from config.json', async () => {
    const folder = await temporary();
    await trainTokenizer(golden.texts, { vocabularySize: 300 }).save(folder);
    await writeFile(path.join(folder, 'tokenizer_config.json'), '{"model_max_length": 1024}');
    await expect(loadTokenizer(folder)).rejects.toThrow(/names no end-of-text token/);
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({ vocab_size: 300, eos_token_id: [3, 1] }));
    expect((await loadTokenizer(folder)).eosTokenId).toBe(3);
  });

  it('files of other kinds, and JSON that describes no tokenizer, are named', async () => {
    const folder = await temporary();
    await writeFile(path.join(folder, 'tokenizer.model'), '');
    await expect(loadTokenizer(folder)).rejects.toThrow(/has no tokenizer.json.*It has tokenizer.model: load and save/);
    await trainTokenizer(golden.texts, { vocabularySize: 300 }).save(folder);
    await writeFile(path.join(folder, 'tokenizer.json'), '{"model": {"type": "BPE"}}');
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer.json" does not describe a tokenizer.*model\.vocab/s);
    await trainTokenizer(golden.texts, { vocabularySize: 300 }).save(folder);
    await changeJson(folder, 'tokenizer.json', (json) => ({ ...json, decoder: { type: 'Rot13' } }));
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer.json" does not describe a tokenizer.*Rot13/s);
  });

  it('broken JSON names the file', async () => {
    const folder = await temporary();
    await writeFile(path.join(folder, 'tokenizer.json'), '{"model": ');
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer\.json is not valid JSON/);
  });

  it('a missing chat template says where to put one', async () => {
    const folder = await temporary();
    await trainTokenizer(golden.texts, { vocabularySize: 300 }).save(folder);
    const file = path.join(folder, 'tokenizer_config.json');
    const { chat_template: _, ...config } = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify(config));
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.hasChatTemplate).toBe(false);
    expect(() => tokenizer.applyChatTemplate([])).toThrow(/Add "chat_template" to its tokenizer_config\.json/);
  });
});

/** The parsed file, of whatever shape a test gives it. */
interface TokenizerJson {
  model: { vocab: Record<string, number> };
  added_tokens: object[];
  [key: string]: unknown;
}

async function changeJson(folder: string, name: string, change: (json: TokenizerJson) => object): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))));
}
