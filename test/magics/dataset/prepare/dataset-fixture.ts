import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Dataset } from '../../../../magics/dataset/dataset.ts';
import { dataset } from '../../../../magics/dataset/index.ts';
import { git, makeRepository } from '../../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../../test-context.ts';

/** A repository with `rows` loaded as the data set `rows`, and the verbs to run on it. */
export async function startWith(rows: readonly object[]) {
  const folder = makeRepository();
  const write = (name: string, lines: readonly object[]) =>
    writeFileSync(path.join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  write('rows.jsonl', rows);
  const context = createTestContext(folder);
  const run = <Result = Dataset>(verb: string, options: object) => runVerb<Result>(dataset, verb, options, context);
  await run('load', { file: 'rows.jsonl' });
  const lastText = () => String(context.shown.at(-1)?.['text/plain']);
  const record = (name: string) => JSON.parse(git(folder, 'show', `HEAD:llmops/datasets/${name}.json`));
  return { folder, context, run, write, lastText, record };
}
