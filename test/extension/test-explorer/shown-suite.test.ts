import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRecordedSuites } from '../../../extension/test-explorer/recorded-suites.ts';
import { shownSuite } from '../../../extension/test-explorer/shown-suite.ts';
import { outlineOf } from '../../../extension/test-explorer/suite-outline.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { addSampleSuites, recordTask } from '../../e2e/vscode/sample-suite.ts';
import { makeRepository } from '../../magics/governance/repository-fixture.ts';

describe('a suite of a repository', () => {
  let store: RecordStore;
  let file: string;
  const readRecorded = createRecordedSuites();
  const show = async () => {
    const outline = outlineOf(await readFile(file, 'utf8'), file)!;
    const find = await readRecorded([store]);
    return shownSuite({ file, workspace: store.folder, outline }, await find(file));
  };

  beforeAll(async () => {
    const folder = makeRepository();
    await addSampleSuites(folder);
    store = await openStore(folder);
    file = path.join(folder, 'suites/cron.yaml');
  });

  it('shows the last result of each task, and none of one that never ran', async () => {
    const { tasks, outcomes, folder } = await show();
    expect(tasks.map(({ name }) => [name, outcomes.get(name)?.evaluation])).toEqual([
      ['wording', 'wording-1'],
      ['new schedules', 'new-schedules-2'],
      ['tiny model', undefined],
    ]);
    const passed = [...outcomes.get('new schedules')!.gates].map(([gate, outcome]) => [gate, outcome.passed]);
    expect(passed).toEqual([
      ['exact_match>=0.9', false],
      ['token_f1>=0.85', true],
    ]);
    expect(path.relative(store.folder, folder)).toBe('');
  });

  it('shows a result that is committed later', async () => {
    await recordTask(store.folder, 'new schedules', 'new-schedules-3', 0.97, '2026-03-07T09:00:00Z');
    expect((await show()).outcomes.get('new schedules')).toMatchObject({ evaluation: 'new-schedules-3' });
  });

  it('has the recorded tasks where another program’s file names none', async () => {
    const find = await readRecorded([store]);
    const outline = { name: 'cron', kind: 'promptfoo' as const, tasks: [], paths: [] };
    const { tasks } = shownSuite({ file, workspace: store.folder, outline }, await find(file));
    expect(tasks.map(({ name, gates }) => [name, gates.length])).toEqual([
      ['new schedules', 2],
      ['wording', 1],
    ]);
  });

  it('has no results outside the repositories', async () => {
    expect(await (await readRecorded([]))(file)).toBeUndefined();
  });
});
