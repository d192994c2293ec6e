import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { report as reportCommand } from '../../../kernel/commands/report.ts';
import { verify as verifyCommand } from '../../../kernel/commands/verify.ts';
import type { MagicContext, MimeBundle } from '../../../magics/context.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { verify, writeReport } from '../../../magics/reports/index.ts';
import { report as reportMagic } from '../../../magics/reports/magic.ts';
import { extractManifest } from '../../../magics/reports/manifest.ts';
import { runCommand } from '../../kernel/commands/run-command.ts';
import { git, makeFolder, makeRun } from '../governance/repository-fixture.ts';
import { makeJourney } from './journey-fixture.ts';

async function makeReport() {
  const journey = await makeJourney();
  const report = await writeReport({ notebook: 'journey.ipynb', out: 'report.html', folder: journey.folder });
  return { ...journey, report, text: readFileSync(report.file, 'utf8') };
}

describe('writeReport', () => {
  it('tells the whole journey in one file, with the verdict first', async () => {
    const { text, report, folder } = await makeReport();
    expect(report).toMatchObject({ title: 'English to cron', records: 8 });
    const order = [
      'English to cron',
      'cron-lora@v1.0.0 on schedules-test: exact match 0.931 [0.912, 0.948], clearly better than schedule-base at 0',
      'What was made from what',
      'Notebook',
      'Data',
      'Prompts',
      'Training',
      'Evaluation',
      'Deployment',
      'Environment and versions',
      'History in git',
      'How to verify',
    ].map((part) => text.indexOf(part.startsWith('cron') || part.startsWith('English') ? part : `<h2>${part}`));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(text).toContain('Train loss falls from 2 to');
    expect(text).toContain('noon &#60;on&#62; Sundays');
    expect(text).toContain('Turn &#60;b&#62;{{text}}&#60;/b&#62; into cron.');
    expect(text).toContain(git(folder, 'log', '-1', '--format=%h', '--abbrev=10', '--', 'llmops/evals'));
  });

  it('draws what was made from what', async () => {
    const { text } = await makeReport();
    const drawing = /<svg class="lineage".*?<\/svg>/s.exec(text)?.[0] ?? '';
    const label = /aria-label="([^"]*)"/.exec(drawing)?.[1] ?? '';
    for (const edge of [
      'file schedules.jsonl to dataset schedules',
      'dataset schedules to dataset schedules-train',
      'dataset schedules-train to run cron-lora-7',
      'prompt cron to run cron-lora-7',
      'model schedule-base to run cron-lora-7',
      'run cron-lora-7 to model cron-lora@v1.0.0',
      'model cron-lora@v1.0.0 to eval cron-lora-abc123',
      'model cron-lora@v1.0.0 to deployment cronApi',
    ]) {
      expect(label).toContain(edge);
    }
  });

  it('runs no script, loads nothing from elsewhere, and shows outputs harmlessly', async () => {
    const { text } = await makeReport();
    const page = extractManifest(text)?.page ?? '';
    expect(page).not.toMatch(/<script|onclick|javascript:|https:\/\/example\.com|<link|<iframe/i);
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).toContain('<strong>4,200 rows</strong>');
    expect(page).toContain('step 3\nred &#38; &#60;done&#62;');
    expect(page).toContain('&lt;script&gt;bad()&lt;/script&gt;');
    expect(page).not.toContain('step 1');
  });

  it('is about the newest records of the notebook, and leaves out those of others', async () => {
    const { folder } = await makeReport();
    const store = await openStore(folder);
    const environment = { ...makeRun('x').environment, notebook: 'other.ipynb' };
    await store.commit({ records: [makeRun('foreign-run', { name: 'foreign', environment })], message: 'Other' });
    const report = await writeReport({ notebook: 'journey.ipynb', out: 'report.html', folder });
    expect(readFileSync(report.file, 'utf8')).not.toContain('foreign-run');
  });

  it('finds the records of an executed copy by the commits and ids that its outputs name', async () => {
    const { folder, notebook } = await makeJourney();
    const commit = git(folder, 'log', '-1', '--format=%h', '--abbrev=7', '--', 'llmops/datasets');
    const text = `schedules: 4,200 rows; committed ${commit}\nevaluation cron-lora-abc123`;
    const copy = JSON.parse(readFileSync(notebook, 'utf8'));
    copy.cells.at(-1).outputs = [{ output_type: 'stream', name: 'stdout', text }];
    writeFileSync(path.join(folder, 'executed.ipynb'), JSON.stringify(copy));
    const report = await writeReport({ notebook: 'executed.ipynb', out: 'report.html', folder });
    const page = readFileSync(report.file, 'utf8');
    expect(page).toContain('3 data sets, 1 prompt, 1 run, 1 model version, 1 evaluation.');
  });

  it('works outside a repository, and says that nothing is recorded', async () => {
    const { notebook } = await makeJourney();
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'copy.ipynb'), readFileSync(notebook));
    const report = await writeReport({ notebook: 'copy.ipynb', out: 'report.html', folder });
    expect(readFileSync(report.file, 'utf8')).toContain('lies in no git repository');
  });

  it('says what is wrong with a file that is missing or no notebook', async () => {
    const folder = makeFolder();
    const out = 'report.html';
    await expect(writeReport({ notebook: 'no.ipynb', out, folder })).rejects.toThrow(
      /There is no notebook .*no\.ipynb/,
    );
    writeFileSync(path.join(folder, 'bad.ipynb'), '{"cells": []}');
    await expect(writeReport({ notebook: 'bad.ipynb', out, folder })).rejects.toThrow(
      /is not a Jupyter notebook.*nbformat/,
    );
  });
});

describe('verify', () => {
  it('finds a fresh report and its notebook in order', async () => {
    const { folder } = await makeReport();
    expect(await verify('report.html', folder)).toEqual({
      checked: { files: 8, tags: 1, objects: 6 },
      problems: [],
    });
    expect((await verify('journey.ipynb', folder)).problems).toEqual([]);
    const { code, stdout } = await runCommand(verifyCommand, ['report.html'], { folder });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Verified: 8 records')]);
  });

  it('stays true when later records follow', async () => {
    const { folder } = await makeReport();
    const store = await openStore(folder);
    const run = await store.read('run', 'cron-lora-7');
    await store.commit({ records: [{ ...run!, seconds: 99 }], message: 'Change the run' });
    expect((await verify('report.html', folder)).problems).toEqual([]);
  });

  it('lists a moved tag, a damaged object, a changed page and a missing commit', async () => {
    const { folder, text } = await makeReport();
    git(folder, 'tag', '-f', '-a', '-m', 'moved', 'cron-lora@v1.0.0', 'HEAD');
    const store = await openStore(folder);
    const series = await store.objects.file((await store.read('run', 'cron-lora-7'))!.series!);
    chmodSync(series, 0o644);
    writeFileSync(series, readFileSync(series, 'utf8').replace('2', '1'));
    const evalCommit = git(folder, 'log', '-1', '--format=%H', '--', 'llmops/evals');
    const changed = text.replace('0.931 [', '0.999 [').replaceAll(evalCommit, '1'.repeat(40));
    writeFileSync(path.join(folder, 'report.html'), changed);

    const { problems } = await verify('report.html', folder);
    expect(problems).toEqual([
      'The page was changed after the report was made.',
      expect.stringMatching(/evals\/cron-lora-abc123\.json: commit 1111111111 is missing/),
      'cron-lora@v1.0.0: the tag points to another commit.',
      expect.stringMatching(/stored copy of series\.jsonl is damaged/),
    ]);
    expect((await runCommand(verifyCommand, ['report.html'], { folder })).code).toBe(1);
  });

  it('lists a data set that was never recorded with the digest that a run names', async () => {
    const { folder } = await makeReport();
    const store = await openStore(folder);
    const run = (await store.read('run', 'cron-lora-7'))!;
    const inputs = run.inputs.map((i) => (i.kind === 'dataset' ? { ...i, digest: `sha256:${'0'.repeat(64)}` } : i));
    await store.commit({ records: [{ ...run, inputs }], message: 'Forge' });
    expect((await verify('journey.ipynb', folder)).problems).toEqual([
      expect.stringMatching(
        /runs\/cron-lora-7\.json: data set schedules-train was never recorded with digest sha256:0000/,
      ),
    ]);
  });

  it('says that a page without a manifest cannot be verified', async () => {
    const { folder } = await makeJourney();
    writeFileSync(path.join(folder, 'page.html'), '<html></html>');
    await expect(verify('page.html', folder)).rejects.toThrow(/carries no manifest/);
  });
});

describe('report command and magic', () => {
  it('write the report beside the notebook and say what to do with it', async () => {
    const { folder, notebook } = await makeJourney();
    const { code, stdout } = await runCommand(reportCommand, ['journey.ipynb'], { folder });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^journey\.report\.html: 8 records, \d+ bytes\n$/)]);
    const shown: MimeBundle[] = [];
    const context: MagicContext = {
      folder,
      notebook,
      distFolder: 'dist',
      signal: new AbortController().signal,
      display: (data) => {
        shown.push(data);
        return { update() {} };
      },
    };
    const run = (options: object) => reportMagic.verbs.write!.run(options as never, context);
    expect(await run({})).toMatchObject({ file: path.join(folder, 'journey.report.html'), records: 8 });
    expect(shown).toEqual([]);
    expect(await run({ out: 'r.html', as: 'r' })).toMatchObject({ file: path.join(folder, 'r.html') });
    expect(shown[0]?.['text/plain']).toContain('llmops verify r.html');
  });
});
