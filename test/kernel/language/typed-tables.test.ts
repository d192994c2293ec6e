import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLanguage } from './in-process.ts';

describe('arquero’s verbs on a data set', () => {
  const { errors, language } = openLanguage(mkdtempSync(path.join(tmpdir(), 'llmops-types-')));
  const load = '%dataset load a.jsonl --as rows';
  language.ran({
    method: 'ran',
    cellId: 'cell 0',
    code: load,
    types: { rows: "import('llmops').Dataset<{ text: string; label: string; n: number | null }>" },
  });
  const mistakes = (code: string) => errors(load, `import * as aq from 'arquero';\n${code}`);

  it.each([
    "rows.filter((d) => d.label === 'x').objects()[0]!.text.trim()",
    "rows.groupby('label').count().orderby(aq.desc('count')).objects()[0]!.count.toFixed()",
    "rows.table.groupby(['label', 'text']).rollup({ most: (d) => aq.op.max(d.n), all: aq.op.count() }).objects()[0]!.label.trim()",
    "rows.groupby('label', { size: (d) => d.text.length }).count().objects()[0]!.count.toFixed()",
    'rows.groupby({ size: (d) => d.text.length }).count().objects()[0]!.size.toFixed()',
    "rows.derive({ size: (d) => d.text.length }).filter((d) => d.size > 3).orderby('size').array('size')[0]!.toFixed()",
    'rows.derive({ text: (d) => d.text.length }).objects()[0]!.text.toFixed()',
    "rows.select('text', 'n').objects()[0]!.n?.toFixed()",
    "rows.select(aq.not('text')).numRows()",
    "rows.rename({ text: 'message' }).objects()[0]!.message.trim()",
    "rows.dedupe('text', { size: (d) => d.text.length }).numRows()",
    'rows.table.params({ least: 3 }).filter((d, $) => d.text.length > $.least).numRows()',
    "aq.from([{ label: 'a' }]).join(rows.table, 'label').numRows() + rows.semijoin(aq.from([{ label: 'a' }]), 'label').numRows()",
    'const count = (table: aq.ColumnTable) => table.numRows();\ncount(rows.table) + count(rows.derive({ a: (d) => d.n }).groupby("a").count())',
    "const few = await rows.sample(10);\nfew.orderby('label').objects()[0]!.label.trim()",
    "rows.filter('d => d.n > 3').derive({ twice: 'd => 2 * d.n' }).objects()[0]!.twice",
  ])('take %s', async (code) => {
    expect(await mistakes(code)).toEqual([]);
  });

  it.each([
    ['rows.filter((d) => d.nope > 3)', "Property 'nope' does not exist"],
    ["rows.groupby('nope').count()", 'NoSuchColumn<"nope">'],
    ["rows.groupby('label', 'nope').count()", 'NoSuchColumn<"nope">'],
    ["rows.orderby('nope').numRows()", 'NoSuchColumn<"nope">'],
    ["rows.select('label', 'nope').numRows()", 'NoSuchColumn<"nope">'],
    ["rows.dedupe('nope').numRows()", 'NoSuchColumn<"nope">'],
    ["rows.array('nope').length", 'NoSuchColumn<"nope">'],
    ["rows.rename({ nope: 'x' }).numRows()", 'NoSuchColumn<"nope">'],
    ["rows.rename({ text: 'message' }).array('text').length", 'NoSuchColumn<"text">'],
    ['rows.derive({ x: (d) => d.nope })', "Property 'nope' does not exist"],
    ["rows.derive({ size: (d) => d.text.length }).groupby('nope').count()", 'NoSuchColumn<"nope">'],
    ["rows.groupby('label').count().orderby('text').numRows()", 'NoSuchColumn<"text">'],
    ["rows.groupby('label').count().objects()[0]!.nope", "Property 'nope' does not exist"],
    ["rows.groupby('label').rollup({ most: (d) => aq.op.max(d.nope) })", "Property 'nope' does not exist"],
    ['rows.derive({ size: (d) => d.text.length }).objects()[0]!.size.trim()', "Property 'trim' does not exist"],
  ])('name the mistake in %s', async (code, mistake) => {
    const found = await mistakes(code);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(mistake);
  });
});
