import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { dataset } from '../../../magics/dataset/index.ts';
import type { Profile } from '../../../magics/dataset/profile.ts';
import { makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';

const data = path.resolve(process.env.LLMOPS_BANKING77 ?? '../shared/data/banking77');
const files = ['train.csv', 'test.csv'];

it.runIf(files.every((name) => existsSync(path.join(data, name))))(
  'the profile of Banking77 finds copies, near copies, questions of the test file and unbalanced intents, as intent-triage.ipynb tells',
  async () => {
    const folder = makeRepository();
    for (const name of files) copyFileSync(path.join(data, name), path.join(folder, name));
    const context = createTestContext(folder);
    await runVerb(dataset, 'load', { file: 'train.csv', as: 'questions' }, context);
    await runVerb(dataset, 'load', { file: 'test.csv', as: 'unseen' }, context);
    const options = { data: 'questions', against: 'unseen', text: 'text', label: 'category' };
    const profile = await runVerb<Profile>(dataset, 'profile', options, context);
    expect(profile.findings.map(({ text }) => text)).toEqual([
      '25 rows of unseen (0.8%) have a "text" that questions holds too: scores on unseen will be too good',
      '51 near duplicates (0.5%): "text" at least 0.85 like that of an earlier row',
      '4 further duplicates (<0.1%) differ only in case or white space',
      '"category" is unbalanced: the most common value is 5 times as frequent as the rarest',
    ]);
    expect([profile.rows, profile.duplicates, profile.leaks[0]!.rows.length]).toEqual([10_003, 0, 25]);
    expect(profile.findings.map(({ evidence }) => evidence)).toEqual([
      'row 333 of unseen = row 1164: "Is there an auto top-up option?"',
      'row 89 is like row 45: "Can you tell me why I haven\'t received my new card yet?" and "Can you tell me why I haven\'t received my new card?"',
      undefined,
      '"card_payment_fee_charged" 187, "contactless_not_working" 35',
    ]);
    expect(profile.rowsOf(3).array('text')).toHaveLength(4);
    expect(profile.languages?.found[0]).toMatchObject({ language: 'en' });
  },
);
