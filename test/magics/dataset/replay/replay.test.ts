import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasets } from '../../../../kernel/commands/datasets.ts';
import type { Replay } from '../../../../magics/dataset/replay/replay.ts';
import { trainTokenizer } from '../../../../magics/engine/tokenizer.ts';
import { git } from '../../governance/repository-fixture.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const rows = Array.from({ length: 80 }, (_, i) => ({
  text: `Question ${(i % 60) * 7919} about  ${['cards', 'fees', 'pins'][i % 3]}, write to me@example${i}.com`,
  label: ['card', 'fee', 'pin'][i % 3],
}));

/** A chain through every verb: load, filter, normalise, redact, dedup against another file, balance, budget, chat, sample, split. */
async function chain() {
  const started = await startWith(rows);
  const { run, write, folder } = started;
  write('other.jsonl', [{ text: rows[5]!.text }]);
  const tokenizer = trainTokenizer(
    rows.map((row) => row.text),
    { vocabularySize: 280 },
  );
  await tokenizer.save(path.join(folder, 'model'));
  await run('load', { file: 'other.jsonl', as: 'other' });
  await run('dedup', { data: 'rows', on: 'text', against: 'other', near: 0.95, as: 'a' });
  await run('filter', { data: 'a', where: 'length(text) > 5', as: 'b' });
  await run('normalise', { data: 'b', html: true, as: 'c' });
  await run('redact', { data: 'c', as: 'd' });
  await run('balance', { data: 'd', by: 'label', how: 'up', seed: 5, as: 'e' });
  await run('budget', { data: 'e', tokenizer: 'model', rowTokens: 20, how: 'cut', as: 'f' });
  await run('sample', { data: 'f', fraction: 0.9, stratify: 'label', seed: 5, as: 'g' });
  await run('split', { data: 'g', seed: 1, near: 0.9, by: 'text', as: 'parts' });
  await run('chat', { data: 'parts.train', user: 'text', assistant: 'label', as: 'turns' });
  return started;
}

/** A server of one text, on loopback. */
async function serve(text: string) {
  let body = text;
  const server = createServer((_, response) => response.end(body));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (other: string) => {
      body = other;
    },
    close: () => new Promise((done) => server.close(done)),
  };
}

const verbs = ({ steps }: Replay) => steps.map((step) => step.verb);

describe('%dataset replay', () => {
  it('runs a whole recipe again from the files and arrives at the same digest', async () => {
    const { run, lastText, folder } = await chain();
    const before = git(folder, 'rev-parse', 'HEAD');
    const result = await run<Replay>('replay', { data: 'turns' });
    expect(result.steps.filter((step) => !step.reproduced)).toEqual([]);
    expect(result.reproduced).toBe(true);
    expect(verbs(result)).toEqual([
      'load',
      'load',
      'dedup',
      'filter',
      'normalise',
      'redact',
      'balance',
      'budget',
      'sample',
      'split',
      'chat',
    ]);
    expect(lastText()).toMatch(/^turns: replayed 11 steps in \d+\.\d s; arrives at the same digest [0-9a-f]{8}\n/);
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(before);
  });

  it('names the file that changed', async () => {
    const { run, write, lastText } = await chain();
    write('rows.jsonl', rows.slice(1));
    const result = await run<Replay>('replay', { data: 'b' });
    expect(result.reproduced).toBe(false);
    expect(lastText()).toContain(
      'step 1, load of rows, differs\nrows (load): rows.jsonl is not the file that was read',
    );
  });

  it('finds inputs as they were, though they were recorded anew since', async () => {
    const { run, write } = await startWith(rows);
    await run('filter', { data: 'rows', where: "label == 'fee'", as: 'fees' });
    write('more.jsonl', rows.slice(0, 10));
    await run('load', { file: 'more.jsonl', as: 'rows' });
    expect((await run<Replay>('replay', { data: 'fees' })).reproduced).toBe(true);
  });

  it('reads the files of a glob, a folder of texts and an address again, and runs queries', async () => {
    const { run, write, folder } = await startWith(rows);
    write('part-1.jsonl', rows.slice(0, 10));
    write('part-2.jsonl', rows.slice(10, 30));
    mkdirSync(path.join(folder, 'texts/more'), { recursive: true });
    writeFileSync(path.join(folder, 'texts/b.md'), 'second');
    writeFileSync(path.join(folder, 'texts/more/a.txt'), 'first');
    const served = await serve('a,b\n1,x\n2,y\n');
    await run('load', { file: 'part-*.jsonl', as: 'parts' });
    await run('load', { file: 'texts', as: 'texts' });
    await run('load', { file: `${served.url}/rows.csv?key=secret`, as: 'fetched' });
    await run('sql', { body: 'SELECT label, count(*) AS n FROM parts GROUP BY 1 ORDER BY 1', as: 'counts' });
    for (const data of ['parts', 'texts', 'fetched', 'counts']) {
      expect((await run<Replay>('replay', { data })).steps.filter((step) => !step.reproduced)).toEqual([]);
    }
    served.say('a,b\n1,changed\n');
    const { steps } = await run<Replay>('replay', { data: 'fetched' });
    expect(steps.at(-1)?.problem).toContain('is not the file that was read');
    writeFileSync(path.join(folder, 'part-2.jsonl'), '{}\n');
    expect((await run<Replay>('replay', { data: 'counts' })).steps.at(-1)?.problem).toContain('part-2.jsonl');
    await served.close();
  });

  it('names the step that gives something else', async () => {
    const { run, folder, record } = await chain();
    const changed = record('c');
    changed.recipe[0].options.case = 'lower';
    writeFileSync(path.join(folder, 'llmops/datasets/c.json'), JSON.stringify(changed));
    git(folder, 'commit', '-qam', 'tampered');
    const result = await run<Replay>('replay', { data: 'e' });
    expect(result.steps.at(-1)).toMatchObject({ name: 'c', verb: 'normalise', reproduced: false });
  });

  it('refuses a name without a record', async () => {
    const { run } = await startWith(rows);
    await expect(run('replay', { data: 'rwos' })).rejects.toThrow('Did you mean "rows"?');
  });
});

describe('llmops datasets replay', () => {
  it('exits with 0 when the digest is the same and with 1 when it is not', async () => {
    const { run, folder, write } = await startWith(rows);
    await run('filter', { data: 'rows', where: "label == 'fee'", as: 'fees' });
    let printed = '';
    const io = {
      folder,
      distFolder: 'dist',
      stdout: (text: string) => (printed += text),
      stderr: () => {},
      terminal: false,
    };
    expect(await datasets.run(['replay', 'fees'], io)).toBe(0);
    expect(printed).toContain('arrives at the same digest');
    write('rows.jsonl', rows.slice(2));
    printed = '';
    expect(await datasets.run(['replay', 'fees', '--json'], io)).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({ name: 'fees', reproduced: false });
    expect(await datasets.run([], io)).toBe(0);
  });
});
