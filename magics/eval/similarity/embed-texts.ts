import { embeddedSequence } from '../../engine/embedded-sequence.ts';
import type { Generator } from '../../engine/types.ts';
import { batchesByLength } from '../answer-all.ts';

/** What texts are embedded with. */
export type TextEmbedder = Pick<Generator, 'embed' | 'tokenizer' | 'contextTokens'>;

/** Embeddings by text, of those that have a token of their own. */
export interface EmbeddedTexts {
  vectors: Map<string, Float32Array>;
  /** How many were cut to the model's context. */
  cut: number;
}

const batchSize = 64;

/** Embeds different texts in batches of similar length. Rejects with the signal's reason between batches. */
export async function embedTexts(
  embedder: TextEmbedder,
  texts: readonly string[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(share: number): void } = {},
): Promise<EmbeddedTexts> {
  const all = texts.map((text) => ({ text, sequence: embeddedSequence(text, embedder.tokenizer) }));
  const known = all.filter(({ sequence: { ids, from } }) => ids.length > from);
  const fitting = known.map(({ sequence: { ids, from } }) => ({ ids: ids.slice(0, embedder.contextTokens), from }));
  const vectors = new Map<string, Float32Array>();
  const lengths = fitting.map(({ ids }) => ids);
  for (const batch of batchesByLength(lengths, batchSize)) {
    signal?.throwIfAborted();
    const embeddings = await embedder.embed(batch.map((place) => fitting[place]!));
    for (const [i, place] of batch.entries()) vectors.set(known[place]!.text, embeddings[i]!);
    onProgress?.(vectors.size / known.length);
  }
  return { vectors, cut: known.filter(({ sequence }) => sequence.ids.length > embedder.contextTokens).length };
}
