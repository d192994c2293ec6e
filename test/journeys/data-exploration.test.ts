import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunNotebook, runNotebook } from './run-notebook.ts';

describe('data-exploration.ipynb', () => {
  let notebook: RunNotebook;
  beforeAll(async () => {
    notebook = await runNotebook('data-exploration.ipynb', ['models']);
  });
  afterAll(() => notebook?.remove());
  const textOf = (id: string) => notebook.textOf(id);

  it('runs without an error', () => {
    expect(notebook.errors).toEqual([]);
  });

  it('finds what was planted', () => {
    expect(textOf('load')).toContain('2 malformed rows skipped\nline 51: not valid JSON');
    expect(textOf('profile')).toContain('9 rows of unseen (7.5%) have a "text" that support holds too');
    expect(textOf('profile')).toContain('personal data in 14 of 600 rows (2.3%): EMAIL_ADDRESS 14, PHONE_NUMBER 14');
    expect(textOf('profile')).toContain('"label" is unbalanced: the most common value is 37 times as frequent');
    expect(textOf('profile')).toContain('25 rows (4.2%) repeat the "text" of an earlier row');
    expect(textOf('profile')).toContain('19 near duplicates (3.2%)');
    expect(textOf('profile')).toContain('the longest "text" has 6,060 characters');
    expect(textOf('profile')).toContain('Language of "text": en in 100.0%');
    expect(textOf('rows-of')).toContain('rowNumber');
    expect(textOf('normalise')).toContain('12 rows changed (2.0%): HTML 12');
    expect(textOf('redact')).toContain('28 pieces of personal data replaced in 14 rows');
    expect(textOf('dedup')).toContain('without 44 near-duplicates and 9 also in unseen (8.8%)');
    expect(textOf('filter')).toContain('1 row removed (0.2%)');
    expect(textOf('compare')).toContain('520 the same, 0 added, 54 removed, 26 changed by "id"');
  });

  it('answers questions by verbs and in SQL', () => {
    expect(textOf('ask-verbs')).toMatch(/label +questions +longest\n ?card +\d+ +\d+/);
    expect(textOf('ask-sql')).toMatch(/askers: 5 rows, 3 columns/);
  });

  it('fails the rules before the data is mended, and meets them after', () => {
    expect(textOf('check-raw')).toContain('support (600 rows) breaks 3 of 7 rules');
    expect(textOf('check-clean')).toContain('clean (546 rows) meets 7 rules');
  });

  it('splits without leaks, fits the budget, and arrives at the same digest again', () => {
    expect(textOf('split-copies')).toMatch(/no text at least 0\.85 alike in two parts: \d+ rows moved/);
    expect(textOf('split-time')).toContain('byTime.train (446), byTime.dev (50), byTime.test (50)');
    expect(textOf('balance')).toMatch(/fraud +6 +120/);
    const tokens = Number(/with ([\d,]+) tokens instead/.exec(textOf('budget'))?.[1]?.replace(',', ''));
    expect(tokens).toBeLessThanOrEqual(30_000);
    expect(textOf('replay')).toMatch(/fitting: replayed 10 steps .*arrives at the same digest/);
    expect(textOf('card')).toContain('license: cc-by-4.0');
  });
});
