import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openLanguage } from '../kernel/language/in-process.ts';
import { medianTime } from './median.ts';

const edits = 25;

/** Median time, in ms, in which the errors of an edited cell are found below `count` cells that use arquero's tables. */
export async function incrementalCheckMs(count: number): Promise<number> {
  mkdirSync('test/.cache', { recursive: true });
  const folder = mkdtempSync(path.resolve('test/.cache/bench-'));
  try {
    const { errors } = openLanguage(folder);
    const cells = Array.from({ length: count }, (_, i) =>
      i === 0
        ? "import { desc, from, op } from 'arquero';\nconst t0 = from([{ x: 1, y: 2, name: 'a' }]);"
        : `const t${i} = t0.filter((d: any) => d.x > ${i}).orderby(desc('y'));\nconst n${i}: number = t${i}.numRows();`,
    );
    const edited = (i: number) => errors(...cells, `const wrong: string = n${count - 1} + ${i};`);
    await edited(-1);
    return await medianTime(edits, async (i) => {
      const found = await edited(i);
      if (found.length !== 1) throw new Error(`The check found ${found.length} errors instead of one: ${found}`);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
