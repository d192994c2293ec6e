import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../magics/dataset/dataset.ts';
import { dataset } from '../../../magics/dataset/index.ts';
import { findPii } from '../../../magics/dataset/pii/find-pii.ts';
import { git, makeFolder, makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';
import { makeLabelledTexts } from './pii/labelled-set.ts';

const rows = [
  { text: 'Write to ann@example.com or +44 20 7946 0123', n: 1 },
  { text: 'ann@example.com again', n: 2 },
  { text: 'nothing here', n: 3 },
];

function start(lines: readonly object[], folder = makeRepository()) {
  writeFileSync(path.join(folder, 'rows.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const context = createTestContext(folder);
  const run = (verb: string, options: object) => runVerb<Dataset>(dataset, verb, options, context);
  return { folder, context, run };
}

describe('%dataset redact', () => {
  it('masks, records the recipe, and neither shows nor commits what it replaced', async () => {
    const { folder, context, run } = start(rows);
    const source = await run('load', { file: 'rows.jsonl', as: 'rows' });
    const shownBefore = context.text().length;
    const safe = await run('redact', { data: source });
    expect(safe.rows()).toEqual([
      { text: 'Write to <EMAIL_ADDRESS> or <PHONE_NUMBER>', n: 1 },
      { text: '<EMAIL_ADDRESS> again', n: 2 },
      { text: 'nothing here', n: 3 },
    ]);
    const shown = context.text().slice(shownBefore);
    expect(shown).toMatch(
      /^\s*rows\.redacted: 3 rows, 2 columns of rows \(3 rows\) with 3 pieces of personal data replaced in 2 rows/,
    );
    expect(shown).not.toContain('ann@');
    expect(JSON.parse(git(folder, 'show', 'HEAD:llmops/datasets/rows.redacted.json')).recipe).toEqual([
      { verb: 'redact', options: { how: 'mask', minimumScore: 0.5 } },
    ]);
    expect(source.rows()).toEqual(rows);
  });

  it('leaves nothing that was found, in 2,000 labelled texts and in messages', async () => {
    const texts = makeLabelledTexts(2000, 1).map(({ text }) => text);
    const { run } = start(texts.map((text) => ({ messages: [{ role: 'user', content: text }] })));
    const safe = await run('redact', { data: 'rows.jsonl', how: 'pseudonym' });
    const left = safe
      .rows()
      .flatMap((row) => (row.messages as { content: string }[]).flatMap(({ content }) => findPii(content)));
    expect(left).toEqual([]);
    expect((safe.rows()[0]!.messages as { role: string }[])[0]!.role).toBe('user');
  });

  it('replaces only the kinds and columns that were asked for', async () => {
    const { run } = start([{ a: 'ann@example.com 212-555-0147', b: 'ann@example.com' }]);
    const safe = await run('redact', { data: 'rows.jsonl', kinds: 'EMAIL_ADDRESS', columns: 'a' });
    expect(safe.rows()).toEqual([{ a: '<EMAIL_ADDRESS> 212-555-0147', b: 'ann@example.com' }]);
    await expect(run('redact', { data: 'rows.jsonl', columns: 'c' })).rejects.toThrow(/no column "c"/);
    await expect(run('redact', { data: 'rows.jsonl', kinds: 'EMAIL' })).rejects.toThrow(/EMAIL_ADDRESS/);
  });
});

describe('%dataset profile', () => {
  it('finds the columns with personal data, and says how to replace it without showing it', async () => {
    const { context, run } = start(rows);
    await run('profile', { data: 'rows.jsonl' });
    expect(context.text()).toContain(
      '"text" holds personal data in 2 of 3 rows (66.7%): EMAIL_ADDRESS 2, PHONE_NUMBER 1',
    );
    expect(context.text()).toContain('%dataset redact rows --columns text');
  });
});

describe('%dataset restore', () => {
  it('turns pseudonyms back on the machine that made them, also in a later session', async () => {
    const { folder, run } = start(rows);
    const safe = await run('redact', { data: 'rows.jsonl', how: 'pseudonym', as: 'safe' });
    const [first, second] = safe.rows().map((row) => String(row.text).match(/<EMAIL_ADDRESS:[a-p]{16}>/)?.[0]);
    expect(first).toBe(second);
    const later = createTestContext(folder);
    const original = await runVerb<Dataset>(dataset, 'restore', { data: 'safe' }, later);
    expect(original.rows()).toEqual(rows);
    expect(later.text()).toContain('3 pieces of personal data turned back; not recorded');
    expect(git(folder, 'ls-files')).not.toContain('restored');
  });

  it('keeps the values sealed, readable by the owner alone, and out of git', async () => {
    const { folder, run } = start(rows);
    await run('redact', { data: 'rows.jsonl', how: 'pseudonym' });
    const local = path.join(folder, '.llmops/redaction');
    for (const name of readdirSync(local)) {
      expect(statSync(path.join(local, name)).mode & 0o077).toBe(0);
      expect(readFileSync(path.join(local, name), 'utf8')).not.toContain('ann@');
    }
    expect(git(folder, 'status', '--porcelain')).not.toContain('.llmops');
  });

  it('leaves the pseudonyms of another machine, and counts them', async () => {
    const { run } = start(rows);
    const safe = await run('redact', { data: 'rows.jsonl', how: 'pseudonym' });
    const other = start(safe.rows(), makeFolder());
    const same = await other.run('restore', { data: 'rows.jsonl' });
    expect(same.rows()).toEqual(safe.rows());
    expect(other.context.text()).toContain('3 pseudonyms of another machine left as they are');
  });
});
