import type { Tokenizer, Trainer } from '../../magics/engine/types.ts';
import { inBatches, toBatch } from '../../magics/finetune/batches.ts';
import type { Example as Sequence } from '../../magics/finetune/examples.ts';
import type { Example } from './pairs.ts';

/** An example as the model reads it: the chat template's text, then the answer. Answer tokens weigh 1 in the loss. */
export function encodeExample(example: Example, tokenizer: Tokenizer, promptWeight: number): Sequence {
  const messages = [
    { role: 'system', content: example.instruction },
    { role: 'user', content: example.text },
  ] as const;
  const prompt = tokenizer.encode(tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true }));
  const answer = [...tokenizer.encode(example.answer), tokenizer.eosTokenId];
  return {
    ids: [...prompt, ...answer],
    weights: [...prompt.map(() => promptWeight), ...answer.map(() => 1)],
    words: [],
  };
}

/**
 * Share of sequences whose answer the model gives exactly, prompt weight 0 assumed. Every token is predicted from the
 * right ones before it: an answer without a mistake is then the one that greedy decoding gives.
 */
export async function exactShare(
  trainer: Trainer,
  sequences: readonly Sequence[],
  shape: { buckets: readonly number[]; rows: number; padTokenId: number },
): Promise<number> {
  let correct = 0;
  for (const planned of inBatches(sequences, shape)) {
    const { rowsCorrect } = await trainer.evaluate(toBatch(planned, shape.padTokenId));
    correct += rowsCorrect.filter(Boolean).length;
  }
  return correct / sequences.length;
}
