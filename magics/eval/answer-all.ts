import type { GenerateOptions, Generation, Generator } from '../engine/types.ts';

/** How far answering has come. */
export interface AnswerProgress {
  answered: number;
  total: number;
  /** Tokens generated so far. */
  tokens: number;
}

/**
 * Answers prompts in batches of similar length (longest first, so that memory runs out at once or never), and gives the
 * answers in the prompts' own order. Rejects with the signal's reason when aborted.
 */
export async function answerAll(
  generator: Pick<Generator, 'generate'>,
  prompts: readonly (readonly number[])[],
  options: Omit<GenerateOptions, 'onToken'> & { batchSize: number; onProgress?(progress: AnswerProgress): void },
): Promise<Generation[]> {
  const { batchSize, onProgress, ...generateOptions } = options;
  const answers = new Array<Generation>(prompts.length);
  let answered = 0;
  let tokens = 0;
  for (const batch of batchesByLength(prompts, batchSize)) {
    options.signal?.throwIfAborted();
    const generations = await generator.generate(
      batch.map((index) => prompts[index]!),
      generateOptions,
    );
    options.signal?.throwIfAborted();
    for (const [row, index] of batch.entries()) answers[index] = generations[row]!;
    answered += batch.length;
    tokens += generations.reduce((sum, generation) => sum + generation.tokens.length, 0);
    onProgress?.({ answered, total: prompts.length, tokens });
  }
  return answers;
}

/** Indices of sequences in batches of similar length, longest first. */
export function batchesByLength(sequences: readonly (readonly unknown[])[], batchSize: number): number[][] {
  const order = sequences.map((_, index) => index).sort((a, b) => sequences[b]!.length - sequences[a]!.length || a - b);
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) =>
    order.slice(i * batchSize, (i + 1) * batchSize),
  );
}
