import { describe, expect, it } from 'vitest';
import { robustnessOptions } from '../../../../magics/eval/robustness/options.ts';
import { robustness } from '../../../../magics/eval/robustness/robustness.ts';
import { makeContext, makeModelRepository } from '../model-fixture.ts';

describe('%eval robustness', () => {
  it('asks changed questions, tests the difference to the unchanged ones, and records each kind', async () => {
    const { folder, store } = await makeModelRepository();
    const { context, text } = makeContext(folder);
    const options = { model: 'cron-lora', data: 'test.csv', target: 'cron', maxNewTokens: 4, kinds: 'typos,case' };
    const { byKind } = await robustness(robustnessOptions.parse(options), context);
    expect(byKind.map(({ kind }) => kind)).toEqual(['typos', 'case']);
    const { samples } = byKind[1]!.scored;
    expect(samples[0]!.input).not.toBe('every day at nine');
    expect(samples[0]!.input.toLowerCase()).toBe('every day at nine');
    expect(samples[0]!.reference).toBe('0 9 * * *');
    const record = (await store.read('eval', byKind[0]!.id))!;
    expect(record.differences!.exact_match!.signature).toContain('paired');
    expect(text()).toMatch(/cron-lora@v1\.0\.0 on test written otherwise: exact match changes most with/);
  });

  it('refuses changes that it does not know', () => {
    expect(robustnessOptions.safeParse({ model: 'm', data: 'd', kinds: 'typo' }).success).toBe(false);
  });
});
