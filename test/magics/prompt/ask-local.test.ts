import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { prompt } from '../../../magics/prompt/index.ts';
import { createPrompt } from '../../../magics/prompt/prompt.ts';
import type { PromptAnswer } from '../../../magics/prompt/providers.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';

const distFolder = path.resolve('dist');
const source = '{{role "user"}}{{text}}';

describe('%prompt run with a local model', () => {
  let model: string;
  beforeAll(async () => {
    const tokenizer = trainTokenizer(['one two three four five six'], { vocabularySize: 300 });
    model = await tinyModel({ vocab_size: tokenizer.vocabularySize, eos_token_id: tokenizer.eosTokenId });
    await tokenizer.save(model);
  });

  it('answers in a job of its own, the same for the same seed', async () => {
    const context = createTestContext(makeRepository(), { distFolder });
    await runVerb(prompt, 'save', { name: 'count', body: source }, context);
    const options = { name: 'count', model, input: 'one two', maxTokens: 4, temperature: 1, seed: 3 };
    const first = await runVerb<PromptAnswer>(prompt, 'run', options, context);
    expect(first).toMatchObject({ model: `${path.basename(model)}`, text: expect.any(String) });
    expect(['stop', 'length']).toContain(first.finishReason);
    expect(await runVerb(prompt, 'run', options, context)).toEqual(first);
    expect(context.text()).toContain(`count@v1.0.0 answered by ${path.basename(model)}`);
  });

  it('answers with the JSON that the front matter describes', async () => {
    const place = { folder: makeRepository(), distFolder };
    const head = '---\noutput:\n  format: json\n  schema:\n    size: integer\n    unit(enum): [cm, m]\n---\n';
    const asked = (await createPrompt('measure', head + source, { place })).run(
      { text: 'one' },
      { model, maxTokens: 28, temperature: 1, seed: 1 },
    );
    expect(JSON.parse((await asked).text)).toEqual({
      size: expect.any(Number),
      unit: expect.stringMatching(/^(cm|m)$/),
    });
  });

  it('is stopped by an interrupt', async () => {
    const controller = new AbortController();
    const place = { folder: makeRepository(), distFolder };
    const asked = (await createPrompt('count', source, { place })).run(
      { text: 'one' },
      { model, signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 200);
    await expect(asked).rejects.toMatchObject({ name: 'Interrupted' });
  });

  it('is refused with the names that there are when the model does not exist', async () => {
    const place = { folder: makeRepository(), distFolder };
    const asked = (await createPrompt('count', source, { place })).run({ text: 'one' }, { model: 'nobody' });
    await expect(asked).rejects.toThrow('Model "nobody" does not exist');
  });
});
