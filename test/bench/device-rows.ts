import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGenerator } from '../../magics/engine/generator.ts';
import { initializeModel } from '../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../magics/engine/tokenizer.ts';
import type { Generator } from '../../magics/engine/types.ts';
import { findGraphicsDevice } from './graphics-device.ts';
import type { BenchRow } from './row.ts';

/** 7 million parameters: a software renderer may stand in for the graphics device. */
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 4096,
  hidden_size: 256,
  intermediate_size: 688,
  num_hidden_layers: 6,
  num_attention_heads: 8,
  num_key_value_heads: 8,
  max_position_embeddings: 2048,
  tie_word_embeddings: true,
  eos_token_id: 2,
};

const newTokens = 24;

/** Decoding on a graphics device with few and with many positions in the cache; nothing where there is none. */
export async function deviceRows(): Promise<BenchRow[]> {
  const found = await findGraphicsDevice();
  if (found === undefined) return [];
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-device-'));
  await initializeModel(folder, config, 1);
  await trainTokenizer(['bench'], { vocabularySize: 300 }).save(folder);
  const generator = await createGenerator({ modelFolder: folder, device: found.device, guesses: false });
  // The device's programs are made when they are first needed.
  await rate(generator, 32);
  const [few, many] = [await rate(generator, 128), await rate(generator, 1024)];
  await generator.dispose();
  await rm(folder, { recursive: true });
  const name = (positions: number) => `decoding on ${found.name}, 7 million parameters, after ${positions} positions`;
  return [
    { name: name(128), value: few, unit: 'tokens/s' },
    { name: name(1024), value: many, unit: 'tokens/s', against: '128 positions', ratio: many / few },
  ];
}

/** Tokens per second after so many positions. */
async function rate(generator: Generator, positions: number): Promise<number> {
  const prompt = Array.from({ length: positions }, (_, i) => 300 + ((i * 37 + positions) % 3700));
  const times: number[] = [];
  await generator.generate([prompt], { maxNewTokens: newTokens, onToken: () => times.push(performance.now()) });
  return (times.length - 1) / ((times.at(-1)! - times[0]!) / 1000);
}
