import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataCheck } from '../../../../magics/dataset/check/check.ts';
import { checkRules } from '../../../../magics/dataset/check/check-rules.ts';
import { parseRules } from '../../../../magics/dataset/check/rules.ts';
import { createDataset } from '../../../../magics/dataset/dataset.ts';
import { toTable } from '../../../../magics/dataset/table.ts';
import { git } from '../../governance/repository-fixture.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const rows = [
  { id: 1, text: 'When will my card arrive?', label: 'card', score: 0.5 },
  { id: 2, text: 'When will my card arrive??', label: 'card', score: 2 },
  { id: 2, text: ' ', label: 'fee', score: null },
  { id: 4, text: 'Write to jane.doe@example.com', label: 'fees', score: -1 },
  { id: 5, text: 'Why this fee?', label: 'card', score: 1 },
];

/** Which rows break a rule, by the rule. */
async function broken(rules: object) {
  const dataset = createDataset('rows', await toTable(rows, ['id', 'text', 'label', 'score']));
  return checkRules(dataset, parseRules(rules, 'the test')).map(({ passed, rows, finding }) => [
    passed,
    [...rows],
    finding,
  ]);
}

describe('checkRules', () => {
  it.each([
    [{ rows: { min: 5, max: 5 } }, true, [], '5 rows'],
    [{ rows: { min: 6 } }, false, [], '5 rows'],
    [{ columns: { text: 'string' } }, true, [], 'string'],
    [{ columns: { score: 'number' } }, false, [], 'number | null'],
    [{ columns: { topic: 'string' } }, false, [], 'there is no such column'],
    [{ not_null: 'text' }, false, [2], 'not in 1 row (20.0%)'],
    [{ not_null: ['score'] }, false, [2], 'not in 1 row (20.0%)'],
    [{ not_null: ['id'] }, true, [], 'all rows'],
    [{ unique: 'id' }, false, [2], '1 row repeat an earlier value'],
    [{ unique: 'text' }, true, [], 'all different'],
    [{ range: { score: { min: 0, max: 1 } } }, false, [1, 3], 'not in 2 rows (40.0%)'],
    [{ range: { score: { max: 2 } } }, true, [], 'all rows'],
    [{ length: { text: { min: 13 } } }, false, [2], 'not in 1 row (20.0%)'],
    [{ matches: { label: '[a-z]{3,4}' } }, true, [], 'all rows'],
    [{ matches: { text: '.*\\?' } }, false, [2, 3], 'not in 2 rows (40.0%)'],
    [{ allowed: { label: ['card', 'fee'] } }, false, [3], 'not in 1 row (20.0%)'],
    [{ balance: { label: { max_ratio: 3 } } }, true, [], '3.0 times: "card" 3, "fees" 1'],
    [{ balance: { label: { max_ratio: 2 } } }, false, [], '3.0 times: "card" 3, "fees" 1'],
    [{ duplicates: { max_share: 0 } }, true, [], '0 rows (0.0%)'],
    [{ duplicates: { max_share: 0.1, on: ['text'], near: 0.9 } }, false, [1], '1 row (20.0%)'],
    [{ duplicates: { max_share: 0.2, on: ['text'], near: 0.9 } }, true, [], '1 row (20.0%)'],
    [{ no_pii: true }, false, [3], 'in 1 row: EMAIL_ADDRESS 1'],
    [{ no_pii: ['CREDIT_CARD'] }, true, [], 'none found'],
  ])('%j', async (rules, passed, breaking, finding) => {
    expect(await broken(rules)).toEqual([[passed, breaking, finding]]);
  });

  it.each([
    [{ not_nul: 'text' }, /Unrecognized key.*Rules are: rows, columns, not_null/],
    [{}, /there is no rule in it/],
    [{ not_null: 'txt' }, /has no column "txt"\. Did you mean "text"\?/],
    [{ matches: { text: '(' } }, /"\(" is not a regular expression/],
  ])('refuses %j', async (rules, message) => {
    await expect(broken(rules)).rejects.toThrow(message);
  });
});

describe('%dataset check', () => {
  const good = { not_null: 'label', rows: { min: 1 } };

  it('records that the rules are met, once', async () => {
    const { run, folder, record, lastText } = await startWith(rows);
    const result = await run<DataCheck>('check', { data: 'rows', ...good });
    expect(result).toMatchObject({ name: 'rows', passed: true, commit: git(folder, 'rev-parse', 'HEAD') });
    expect(lastText()).toMatch(/^rows \(5 rows\) meets 2 rules; committed [0-9a-f]{7}\n/);
    expect(record('rows').checks).toMatchObject({ passed: true, results: [{ passed: true }, { passed: true }] });
    const commits = git(folder, 'rev-list', '--count', 'HEAD');
    await run('check', { data: 'rows', ...good });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe(commits);
  });

  it('fails with the rows that break a rule, records it, and never shows personal data', async () => {
    const { run, folder, record, context } = await startWith(rows);
    writeFileSync(path.join(folder, 'rules.yaml'), 'allowed: { label: [card, fee] }\nno_pii: true\nunique: id\n');
    const shownBefore = context.shown.length;
    await expect(run('check', { data: 'rows', rules: 'rules.yaml' })).rejects.toThrow(
      'rows breaks 3 rules: "id" is unique (1 row repeat an earlier value); "label" is one of card, fee (not in 1 row (20.0%))',
    );
    const shown = String(context.shown.slice(shownBefore)[0]?.['text/plain']);
    expect(shown).toContain('✗');
    expect(shown).toContain('1 row where not: "id" is unique:');
    expect(shown).toContain('1 row where not: no personal data:\nrow\n  4');
    expect(record('rows').checks).toMatchObject({ passed: false });
  });

  it('forgets what it found when the rows change', async () => {
    const { run, write, record } = await startWith(rows);
    await run('check', { data: 'rows', ...good });
    write('rows.jsonl', rows.slice(1));
    await run('load', { file: 'rows.jsonl' });
    expect(record('rows').checks).toBeUndefined();
  });

  it('names a file that is not there, and one that is no YAML', async () => {
    const { run, folder } = await startWith(rows);
    await expect(run('check', { data: 'rows', rules: 'rules.yaml' })).rejects.toThrow('rules.yaml does not exist');
    writeFileSync(path.join(folder, 'bad.yaml'), 'a: [1');
    await expect(run('check', { data: 'rows', rules: 'bad.yaml' })).rejects.toThrow('bad.yaml is not YAML');
  });
});
