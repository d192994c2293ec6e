import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPrintedText } from '../../../kernel/runtime/printed-text.ts';

const megabyte = 'x'.repeat(999_999);

describe('what a cell prints', () => {
  it('is shown as it comes while there is not much of it', () => {
    const { printed, shown } = print((write) => {
      write('stdout', 'one\n');
      write('stderr', 'two\n');
    });
    printed.end();
    expect(shown).toEqual(['stdout one\n', 'stderr two\n']);
  });

  it('is shown at both ends, and all of it is in a file, when there is too much', () => {
    const { printed, shown } = print((write) => {
      for (let i = 0; i < 5; i++) write('stdout', `${i}${megabyte}\n`);
      write('stderr', 'the reason\n');
    });
    expect(shown.join('').length).toBeLessThan(1_000_010);
    printed.end();
    const notice = /\[4\.0 MB left out; all of it: (.*)\]/.exec(shown.join(''));
    const file = notice?.[1] ?? '';
    expect(readFileSync(file, 'utf8')).toBe(`${[0, 1, 2, 3, 4].map((i) => `${i}${megabyte}\n`).join('')}the reason\n`);
    expect(shown.at(-1)).toMatch(/^stdout x+\nthe reason\n$/);
    // A timer prints after the cell's end.
    printed.write('stdout', 'late\n');
    printed.end();
    expect(shown.at(-1)).toBe('stdout late\n');
    expect(readFileSync(file, 'utf8')).toMatch(/the reason\nlate\n$/);
    rmSync(path.dirname(file), { recursive: true });
  });
});

function print(work: (write: (name: 'stdout' | 'stderr', text: string) => void) => void) {
  const shown: string[] = [];
  const printed = createPrintedText(7, (name, text) => shown.push(`${name} ${text}`));
  work(printed.write);
  return { printed, shown };
}
