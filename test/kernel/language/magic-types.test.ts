import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLanguage } from './in-process.ts';

describe('types of the magics', () => {
  it('are those of the sources: npm run types renews them', async () => {
    // By a path that the type check does not follow: the program is a part of the build.
    const build = path.resolve('kernel/language/print-magic-types.mjs');
    const { printMagicTypes } = (await import(build)) as { printMagicTypes(): string };
    await expect(printMagicTypes()).toMatchFileSnapshot(path.resolve('kernel/language/magic-types.json'));
  }, 240_000);
});

describe('magics in cells', () => {
  const { errors, language } = openLanguage(mkdtempSync(path.join(tmpdir(), 'llmops-types-')));

  it('check handles given for options, deep in YAML too', async () => {
    const load = '%dataset load a.jsonl --as rows';
    expect(await errors(load, '%eval ${rows} --data ${rows}')).toEqual([
      expect.stringContaining('is not assignable to type'),
    ]);
    const yaml = '%%finetune --as run\nbase_model: base\ndatasets: [{ path: ${rows}, prompt: cron }]';
    expect(await errors(load, yaml)).toEqual([]);
    expect(await errors(load, yaml.replace('path: ${rows}', 'path: ${rows.rowCount}'))).toHaveLength(1);
    expect(await errors(load, yaml, '%eval ${run.model} --data rows\n%deploy ${run.model} --as api')).toEqual([]);
    expect(await errors(load, yaml, '%eval ${run.modle} --data rows')).toHaveLength(1);
  });

  it('know columns, inputs and metrics once the cell above has run', async () => {
    const ran = (cellId: string, code: string, types: Record<string, string>) =>
      language.ran({ method: 'ran', cellId, code, types });
    const load = '%dataset load a.jsonl --as rows';
    ran('cell 0', load, { rows: "import('llmops').Dataset<{ text: string; label: number }>" });
    expect(await errors(load, 'rows.rows()[0].label.toFixed()\nfor (const row of rows) row.text.trim()')).toEqual([]);
    expect(await errors(load, '%eval m --data ${rows.rows().map((row) => row.lable)}')).toHaveLength(2);
    // The column gets another name: the file was loaded again.
    ran('cell 0', load, { rows: "import('llmops').Dataset<{ text: string; intent: number }>" });
    expect(await errors(load, 'rows.rows()[0].label.toFixed()')).toEqual([
      expect.stringContaining("label: Property 'label' does not exist"),
    ]);
    expect(await errors(`${load}\nrows.rows()[0].label`)).toHaveLength(1);

    const prompt = '%%prompt cron\n---\ninput: { schema: { text: string } }\n---\n{{text}}';
    ran('cell 0', `${prompt} `, { cron: "import('llmops').Prompt<{ text: string }>" });
    ran('cell 1', 'const cron = await llmops.prompt.show({ name: "cron" });', {
      cron: "import('llmops').Prompt<{ text: string }>",
    });
    const show = 'const cron = await llmops.prompt.show({ name: "cron" });';
    expect(await errors('0', show, "cron.render({ text: 'x' })")).toEqual([]);
    expect(await errors('0', show, "cron.render({ txt: 'x' })")).toHaveLength(1);

    const evaluate = '%eval m --data rows --as evaluation';
    ran('cell 0', evaluate, { evaluation: 'import(\'llmops\').Evaluation<"exact_match">' });
    expect(await errors(evaluate, 'evaluation.metrics.exact_match.value')).toEqual([]);
    expect(await errors(evaluate, 'evaluation.metrics.bleu.value')).toHaveLength(1);
  });

  it('give pure functions their signatures', async () => {
    expect(await errors("llmops.eval.bleu(['a'], ['b']).score.toFixed()")).toEqual([]);
    expect(await errors("llmops.eval.bleu('a', ['b'])")).toHaveLength(1);
  });
});
