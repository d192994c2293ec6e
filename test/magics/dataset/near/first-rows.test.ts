import { describe, expect, it } from 'vitest';
import { createFirstRows } from '../../../../magics/dataset/near/first-rows.ts';

describe('createFirstRows', () => {
  it('gives the first row of each text, as a map of the texts does', () => {
    const first = createFirstRows();
    const known = new Map<string, number>();
    for (let row = 0; row < 60_000; row++) {
      // Short texts that differ in one place, in order, or by a letter beyond the first plane.
      const text = [`${row % 20_000}`, `a${row % 7}b${row % 5000}`, `${'x'.repeat(row % 300)}😀${row % 11}`][row % 3]!;
      if (!known.has(text)) known.set(text, row);
      expect(first.ofOrAdd(text, row)).toBe(known.get(text));
    }
    for (const [text, row] of known) expect(first.of(text)).toBe(row);
    expect(first.of('none of them')).toBeUndefined();
  });
});
