import { expect, it } from 'vitest';
import type { Profile } from '../../../magics/dataset/profile.ts';
import { startWith } from './prepare/dataset-fixture.ts';

const rows = Array.from({ length: 60 }, (_, i) => ({
  text:
    i === 9 || i === 58
      ? 'You are so stupid, write to ann@example.com'
      : `Where is the order number ${i * 7919} of my sister?`,
  label: i < 55 ? 'order' : 'other',
  price: i,
  cents: 100 * i,
}));

it('shows the rows behind a finding on a click and on a call, but not those that should not be shown', async () => {
  const { run, context } = await startWith([...rows, rows[3]!]);
  const before = context.shown.length;
  const profile = await run<Profile>('profile', { data: 'rows' });
  const find = (text: string) => profile.findings.findIndex((finding) => finding.text.includes(text)) + 1;
  expect(profile.rowsOf(find('exact duplicate')).objects()).toEqual([{ rowNumber: 61, ...rows[3] }]);
  expect(profile.rowsOf(find('unbalanced')).array('rowNumber')).toEqual([56, 57, 58, 59, 60]);
  expect(profile.rowsOf(find('toxic words')).array('text')).toEqual([rows[9]!.text, rows[58]!.text]);
  const html = context.shown
    .slice(before)
    .map((bundle) => String(bundle['text/html'] ?? ''))
    .join('');
  expect(html).toContain('<details><summary>5 rows</summary>');
  expect(html).not.toContain('ann@example.com');
  expect(() => profile.rowsOf(99)).toThrow(/The profile of rows has no finding 99\. There are \d+ findings/);
});

it('tells the language of the texts and columns of numbers that say the same', async () => {
  const { run, context } = await startWith(rows);
  const profile = await run<Profile>('profile', { data: 'rows' });
  expect(context.text()).toContain('Language of "text": en in 100.0% of the rows looked at.');
  expect(profile.correlations).toMatchObject([{ columns: ['price', 'cents'], rows: 60 }]);
  expect(context.text()).toContain('"price" and "cents" say nearly the same: their correlation is 1.000 over 60 rows');
});
