import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { generatePayload, generateResult } from '../../../magics/eval/payload.ts';
import { submitJob } from '../../../magics/jobs/index.ts';
import { encodePrompt } from '../../../magics/prompt/format.ts';
import { makeModelRepository } from './model-fixture.ts';

describe('a generate job', () => {
  it('answers conversations as the generator does with the prompts of training', async () => {
    const { folder } = await makeModelRepository();
    const modelFolder = path.join(folder, 'tuned');
    const messages = ['every day', 'on the first at midnight'].map((content) => [{ role: 'user' as const, content }]);
    const payload = { modelFolder, messages, options: { maxNewTokens: 6 } };
    expect(generatePayload.safeParse(payload).success).toBe(true);
    const job = await submitJob(
      { kind: 'generate', title: 'ask', key: 'sha256:ask', payload },
      { folder, distFolder: path.resolve('dist') },
    );
    const finished = await job.follow();
    const { outputs } = generateResult.parse(finished.result);

    const generator = await createGenerator({ modelFolder });
    const prompts = messages.map((conversation) => encodePrompt(conversation, generator.tokenizer));
    const expected = await generator.generate(prompts, { maxNewTokens: 6 });
    await generator.dispose();
    expect(outputs).toEqual(
      expected.map(({ text, tokens, finishReason }) => ({ text, tokens: tokens.length, finishReason })),
    );
  });
});
