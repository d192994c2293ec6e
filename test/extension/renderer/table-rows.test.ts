import { describe, expect, it } from 'vitest';
import { describePage, nextSorting, sortRows, toCsv } from '../../../extension/renderer/table-rows.ts';
import { tableResource } from '../../../magics/charts/table-resource.ts';

const rows = [
  { n: 10, t: 'row 10' },
  { n: 9, t: 'row 9' },
  { n: null, t: null },
  { n: 100, t: 'Row 1' },
];

describe('tables in cells', () => {
  it('sort numbers by size and texts as people do, missing values last both ways', () => {
    const sorted = (column: string, descending: boolean) =>
      sortRows(rows, { column, descending }).map((row) => row[column as 'n']);
    expect(sorted('n', false)).toEqual([9, 10, 100, null]);
    expect(sorted('n', true)).toEqual([100, 10, 9, null]);
    expect(sorted('t', false)).toEqual(['Row 1', 'row 9', 'row 10', null]);
    expect(sortRows(rows, undefined)).toBe(rows);
  });

  it('go from up over down to unsorted with the clicks on one column', () => {
    const up = nextSorting('n', { column: 't', descending: true });
    expect(up).toEqual({ column: 'n', descending: false });
    const down = nextSorting('n', up);
    expect(down).toEqual({ column: 'n', descending: true });
    expect(nextSorting('n', down)).toBeUndefined();
  });

  it('are saved as CSV that keeps quotes, commas and line breaks', () => {
    const values = [
      { a: 'say "hi", you', b: { c: [1] } },
      { a: 'two\nlines', b: null },
    ];
    expect(toCsv(['a', 'b'], values)).toBe('a,b\r\n"say ""hi"", you","{""c"":[1]}"\r\n"two\nlines",\r\n');
  });

  it('say which rows are on the page, and when there are more than the notebook holds', () => {
    expect(describePage(0, 20, 1000, 1000)).toBe('1-20 of 1,000 rows');
    expect(describePage(40, 3, 43, 5000)).toBe(
      '41-43 of 43 (the first of 5,000 rows; table.slice(43) in a cell shows the next)',
    );
    expect(describePage(0, 0, 0, 0)).toBe('no rows');
  });

  it('carry a bounded part of a large table, as JSON', () => {
    const fields = [{ name: 'v', type: 'mixed' }];
    const values = [new Date(0), 1n, Number.NaN, Number.POSITIVE_INFINITY, Float32Array.of(1), undefined, 'x'];
    const table = tableResource(fields, 1_000_000, (row) => values[row % values.length]);
    expect(table.data.length).toBe(1000);
    expect(table.rowCount).toBe(1_000_000);
    expect(JSON.parse(JSON.stringify(table.data.slice(0, 7).map((row) => row.v)))).toEqual([
      '1970-01-01T00:00:00.000Z',
      '1',
      null,
      'Infinity',
      [1],
      null,
      'x',
    ]);
    expect(tableResource(fields, 1000, () => 'x'.repeat(50_000)).data).toHaveLength(4);
  });
});
