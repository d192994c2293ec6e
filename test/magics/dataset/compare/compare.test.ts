import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../../magics/dataset/compare/compare.ts';
import { createRandom } from '../../../../magics/dataset/random.ts';
import { git } from '../../governance/repository-fixture.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const random = createRandom(4);
const rows = Array.from({ length: 400 }, (_, id) => ({
  id,
  text: `Ticket ${id} ${'word '.repeat(1 + Math.floor(random() * 9))}`,
  label: ['card', 'fee', 'pin'][Math.floor(random() * 3)],
  score: (random() * 10) as number | null,
}));

describe('%dataset compare', () => {
  it('finds rows that were added, removed and changed, by the key', async () => {
    const { run, write, lastText } = await startWith(rows);
    const changed = rows.slice(3).map((row) => (row.id === 10 ? { ...row, label: 'other', score: 3 } : row));
    write('after.jsonl', [...changed, { ...rows[0]!, id: 1000 }]);
    const comparison = await run<Comparison>('compare', { before: 'rows', after: 'after.jsonl', key: 'id' });
    expect(comparison.rows).toEqual({
      key: 'id',
      added: [397],
      removed: [0, 1, 2],
      changed: [{ before: 10, after: 7, columns: ['label', 'score'] }],
      unchanged: 396,
    });
    expect(comparison.findings.map((finding) => finding.text)).toEqual([
      '1 row changed, in label, score',
      '3 rows of rows (0.8%) are gone',
      '1 row of after (0.3%) is new',
    ]);
    expect(lastText()).toContain(
      'rows (400 rows) and after (398 rows): 396 the same, 1 added, 3 removed, 1 changed by "id"',
    );
    expect(lastText()).toMatch(/1 changed row:\nid +column +before +after\n10 +label/);
  });

  it('matches rows by what they hold without a key, each as often as both have it', async () => {
    const { run, write } = await startWith([{ a: 1 }, { a: 1 }, { a: 2 }]);
    write('after.jsonl', [{ a: 1 }, { a: 3 }, { a: 3 }]);
    const { rows: changes, isSame } = await run<Comparison>('compare', { before: 'rows', after: 'after.jsonl' });
    expect(changes).toEqual({ added: [1, 2], removed: [1, 2], changed: [], unchanged: 1 });
    expect(isSame).toBe(false);
  });

  it('finds columns that came, went and changed, and drift with its effect sizes and charts', async () => {
    const { run, write, context } = await startWith(rows);
    const after = rows.map(({ score, label, text, ...row }, i) => ({
      ...row,
      id: String(row.id),
      text: `${text}${text}${text}`,
      label: i % 10 < 8 ? 'card' : label,
      score: i % 5 === 0 ? null : score! + 6,
      extra: true,
    }));
    write('after.jsonl', after);
    const shownBefore = context.shown.length;
    const comparison = await run<Comparison>('compare', { before: 'rows', after: 'after.jsonl' });
    expect(comparison.schema).toEqual([
      { column: 'id', before: 'number', after: 'string' },
      { column: 'score', before: 'number', after: 'number | null' },
      { column: 'extra', before: undefined, after: 'boolean' },
    ]);
    const verdicts = comparison.columns.map(({ column, measure, drift }) => [column, measure, drift.verdict]);
    expect(verdicts).toEqual([
      ['text', 'lengths', 'drift'],
      ['label', 'values', 'drift'],
      ['score', 'numbers', 'drift'],
    ]);
    expect(comparison.findings.map((finding) => finding.text)).toContain(
      '"score" is missing in 20.0% of the rows, before in 0.0%',
    );
    const charts = context.shown.slice(shownBefore).filter((bundle) => 'image/svg+xml' in bundle);
    expect(charts).toHaveLength(3);
  });

  it('finds nothing between samples of the same rows, and says so of the same data', async () => {
    const { run, lastText } = await startWith(rows);
    await run('sample', { data: 'rows', fraction: 0.5, seed: 1, as: 'half' });
    const { columns } = await run<Comparison>('compare', { before: 'rows', after: 'half' });
    expect(columns.map(({ drift }) => drift.verdict)).toEqual(columns.map(() => 'no drift'));
    expect((await run<Comparison>('compare', { before: 'rows', after: 'rows' })).isSame).toBe(true);
    expect(lastText()).toContain('400 the same, 0 added, 0 removed; nothing to report');
  });

  it('compares with an earlier version by its commit', async () => {
    const { run, write, folder } = await startWith(rows);
    const commit = git(folder, 'rev-parse', 'HEAD');
    write('rows.jsonl', rows.slice(10));
    await run('load', { file: 'rows.jsonl' });
    const comparison = await run<Comparison>('compare', { before: `rows@${commit}`, after: 'rows', key: 'id' });
    expect(comparison.rows.removed).toHaveLength(10);
    await expect(run('compare', { before: 'rows@nowhere', after: 'rows' })).rejects.toThrow(
      'Data set rows was not recorded at "nowhere"',
    );
  });

  it.each([
    [{ key: 'label' }, '"label" is no key of rows: rows'],
    [{ key: 'idd' }, 'has no column "idd". Did you mean "id"?'],
  ])('refuses %j', async (options, message) => {
    const { run } = await startWith(rows);
    await expect(run('compare', { before: 'rows', after: 'rows', ...options })).rejects.toThrow(message);
  });
});
