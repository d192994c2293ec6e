import { createGenerator } from '../engine/generator.ts';
import type { Generator } from '../engine/types.ts';
import type { JobHandler } from '../jobs/protocol.ts';
import { encodePrompt } from '../prompt/format.ts';
import { answerAll } from './answer-all.ts';
import { type GenerateResult, generatePayload } from './payload.ts';

const batchSize = 32;

/** Answers conversations once, without recording anything: the work of a `generate` job. */
export const generate: JobHandler = async ({ spec, emit, signal }): Promise<GenerateResult> => {
  const { modelFolder, messages, options } = generatePayload.parse(spec.payload);
  emit({ type: 'progress', phase: 'loading the model', step: 0 });
  const generator = await createGenerator({
    modelFolder,
    device: spec.device as Generator['device'] | undefined,
    maxBatch: batchSize,
  });
  try {
    const prompts = messages.map((conversation) => encodePrompt(conversation, generator.tokenizer));
    const answers = await answerAll(generator, prompts, {
      ...options,
      batchSize,
      signal,
      onProgress: ({ answered, total }) => emit({ type: 'progress', phase: 'answering', step: answered, steps: total }),
    });
    return {
      outputs: answers.map(({ text, tokens, finishReason }) => ({ text, tokens: tokens.length, finishReason })),
      device: generator.device,
    };
  } finally {
    await generator.dispose();
  }
};
