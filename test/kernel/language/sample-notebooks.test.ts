import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNotebook, sourceOf } from '../../../kernel/notebook/notebook.ts';
import { openLanguage } from './in-process.ts';

describe('sample notebooks', () => {
  const files = readdirSync('sample-notebooks', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ipynb'),
  );

  for (const file of files) {
    it(`${file} has no type error in any cell, before any has run`, async () => {
      // Not in the repository, whose tsconfig.json is stricter than a notebook's folder needs to be.
      const folder = mkdtempSync(path.join(tmpdir(), 'llmops-samples-'));
      cpSync('sample-notebooks/schedules', path.join(folder, 'schedules'), { recursive: true });
      const { errors } = openLanguage(folder);
      const cells = (await readNotebook(path.resolve('sample-notebooks', file))).cells.filter(
        (cell) => cell.cell_type === 'code',
      );
      const texts = cells.map(sourceOf);
      for (const [i] of texts.entries()) expect(await errors(...texts.slice(0, i + 1)), texts[i]).toEqual([]);
    });
  }
});
