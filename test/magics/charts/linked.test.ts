import { parse, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { linkedChart, toSvg } from '../../../magics/charts/index.ts';
import { forClient } from '../../../magics/charts/theme.ts';

const rows = Array.from({ length: 60 }, (_, i) => ({ length: i, label: i < 40 ? 'card' : 'fee', score: i % 10 }));
const views = [
  { kind: 'numbers', title: 'Lengths', axis: 'length', values: rows.map((row) => row.length) },
  { kind: 'texts', title: 'Labels', axis: 'label', values: rows.map((row) => row.label), shown: ['card', 'fee'] },
  { kind: 'numbers', title: 'Scores', axis: 'score', values: rows.map((row) => row.score) },
] as const;
const chart = (of: Parameters<typeof linkedChart>[0]['views'] = views) =>
  linkedChart({ title: 'Rows', counted: 'Rows', views: of });

/** Rows that each coloured (not grey) chart counts, after something was selected. */
async function counted(select: (view: View) => void): Promise<number[]> {
  const { spec } = compile(chart());
  const view = new View(parse(spec, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: 'none',
  } as never);
  await view.runAsync();
  select(view);
  await view.runAsync();
  const bars = views.map((_, i) => view.data(dataOf(spec, `concat_${i}_layer_1_marks`)) as { sum_n?: number }[]);
  view.finalize();
  return bars.map((of) => of.reduce((sum, bar) => sum + (bar.sum_n ?? 0), 0));
}

/** Name of the data that a mark of a compiled chart draws. */
function dataOf(spec: object, mark: string): string {
  const marks = [spec].flatMap(function below(group: { marks?: object[] }): object[] {
    return [group, ...(group.marks ?? []).flatMap(below)];
  }) as { name?: string; from?: { data: string } }[];
  return marks.find(({ name }) => name === mark)!.from!.data;
}

describe('linked charts', () => {
  it('count all rows at first', async () => {
    expect(await counted(() => {})).toEqual([60, 60, 60]);
  });

  it('count the rows that are selected in another one', async () => {
    const isFee = { unit: 'concat_1_layer_0', fields: [{ type: 'E', field: 'v1' }], values: ['fee'] };
    expect(await counted((view) => view.data('view1_store', [isFee]))).toEqual([20, 60, 20]);
    const upTo29 = { unit: 'concat_0_layer_0', fields: [{ type: 'R', channel: 'x', field: 'v0' }], values: [[0, 29]] };
    const found = await counted((view) => view.data('view0_store', [upTo29]));
    expect(found[0]).toBe(60);
    expect(found[1]).toBe(found[2]);
    expect(found[1]).toBeGreaterThanOrEqual(28);
    expect(found[1]).toBeLessThanOrEqual(32);
  });

  it('stay small however many rows there are, and are drawn without a pointer too', async () => {
    const many = { kind: 'texts', title: 'Labels', axis: 'label', shown: ['a', 'b'] } as const;
    const spec = chart([{ ...many, values: Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 'a' : 'b')) }]);
    expect(JSON.stringify(spec).length).toBeLessThan(10_000);
    expect(await toSvg(spec)).toContain('aria-label="Rows. Bar chart of label: Labels."');
  });

  it('take the width and the colours of the client', () => {
    const colors = { foreground: '#123456', grid: '#654321' };
    const narrow = forClient(chart(), colors, 350) as unknown as { vconcat: { width: number }[]; config: object };
    expect(narrow.vconcat.map(({ width }) => width)).toEqual([200, 200, 200]);
    expect(JSON.stringify(narrow.config)).toContain('#123456');
  });
});
