import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflow } from '../../kernel/commands/mlflow.ts';
import { createMlflowClient } from '../../magics/governance/mlflow/client.ts';
import { syncWithMlflow } from '../../magics/governance/mlflow/sync.ts';
import { promote } from '../../magics/governance/promote.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { runCommand } from '../kernel/commands/run-command.ts';
import { makeModel, makeModels } from '../magics/governance/model-fixture.ts';
import { git, makeRun } from '../magics/governance/repository-fixture.ts';
import { type MlflowServer, startMlflow } from './server.ts';

let server: MlflowServer;
let folder: string;
let store: RecordStore;
const sync = () => syncWithMlflow(store, createMlflowClient(server.url));

beforeAll(async () => {
  server = await startMlflow();
  ({ folder, store } = await makeModels([]));
  const lines = [0, 1, 2].map((step) => JSON.stringify({ step, name: 'loss', value: 3 - step }));
  const series = await store.objects.putText(`${lines.join('\n')}\n`, 'series.jsonl');
  const run = makeRun('triage-1', { series, config: { num_epochs: 3, lora: { r: 16 } }, tags: { ticket: 'A-1' } });
  const records = [run, makeModel('v1.0.0', { run: 'triage-1', description: 'first' })];
  await store.commit({ records, message: 'triage v1.0.0', tags: { 'triage@v1.0.0': 'v1.0.0' } });
  const second = [makeRun('triage-2', { status: 'failed' }), makeModel('v1.1.0')];
  await store.commit({ records: second, message: 'triage v1.1.0', tags: { 'triage@v1.1.0': 'v1.1.0' } });
  const files = { 'llmops/prompts/greet.prompt': '---\n---\nHi {{name}}\n' };
  await store.commit({ files, message: 'greet', tags: { 'greet@v1.0.0': 'v1.0.0' } });
  await promote(store, 'triage@v1.0.0', 'production');
});
afterAll(() => server.stop());

describe('a real MLflow server', () => {
  it('holds the runs, versions, stages and prompts of the repository, and nothing twice', async () => {
    const report = await sync();
    expect(report.sent).toEqual([
      'run triage-1',
      'run triage-2',
      'version triage@v1.0.0',
      'version triage@v1.1.0',
      'triage#production is v1.0.0',
      'prompt greet@v1.0.0',
    ]);
    expect(await sync()).toEqual({ sent: [], received: [], conflicts: [] });

    const run = await findRun('triage-1');
    expect(run.info.status).toBe('FINISHED');
    expect(pairs(run.data.params)).toEqual({ num_epochs: '3', 'lora.r': '16' });
    expect(pairs(run.data.tags)).toMatchObject({ ticket: 'A-1', 'llmops.run': 'triage-1' });
    const history = await server.call(`metrics/get-history?run_id=${run.info.run_id}&metric_key=loss`, {}, 'GET');
    expect(history.metrics).toMatchObject([
      { step: 0, value: 3 },
      { step: 1, value: 2 },
      { step: 2, value: 1 },
    ]);
    expect((await findRun('triage-2')).info.status).toBe('FAILED');
    const live = await server.call('registered-models/alias?name=triage&alias=production', {}, 'GET');
    expect(live.model_version).toMatchObject({ version: '1', run_id: run.info.run_id, description: 'first' });
    const prompt = await server.call('model-versions/get?name=greet&version=1', {}, 'GET');
    const { tags } = prompt.model_version as { tags: Pair[] };
    expect(pairs(tags)['mlflow.prompt.text']).toBe('---\n---\nHi {{name}}\n');
  });

  it('is asked what changed: a moved alias, a tag, a run, a version and a prompt come back as records', async () => {
    await server.call('registered-models/alias', { name: 'triage', alias: 'production', version: '2' });
    const { run_id } = (await findRun('triage-1')).info;
    await server.call('runs/set-tag', { run_id, key: 'verdict', value: 'good' });
    const { experiment_id } = (await experiment()) as { experiment_id: string };
    const made = await server.call('runs/create', { experiment_id, run_name: 'theirs', start_time: 1_000_000 });
    const theirs = (made.run as Run).info.run_id;
    const metrics = [0, 1].map((step) => ({ key: 'loss', value: 1 - step / 2, timestamp: 1_000_000, step }));
    await server.call('runs/log-batch', { run_id: theirs, metrics, params: [{ key: 'lr', value: '0.1' }] });
    await server.call('runs/update', { run_id: theirs, status: 'FINISHED', end_time: 1_060_000 });
    await server.call('model-versions/create', { name: 'triage', source: 's3://weights/theirs', run_id: theirs });
    const text = [
      { key: 'mlflow.prompt.is_prompt', value: 'true' },
      { key: 'mlflow.prompt.text', value: 'Hello {{name}}' },
    ];
    await server.call('model-versions/create', { name: 'greet', source: 'prompt-template', tags: text });

    const id = `theirs-${theirs.slice(0, 8)}`;
    const report = await sync();
    expect(report).toEqual({
      sent: [],
      received: [
        `run ${id}`,
        'tags of run triage-1',
        'version triage@v1.2.0',
        'triage#production is v1.1.0',
        'prompt greet@v1.1.0',
      ],
      conflicts: [],
    });
    expect(await sync()).toEqual({ sent: [], received: [], conflicts: [] });

    expect(git(folder, 'tag', '--list', 'triage#*').split('\n')).toEqual([
      'triage#production#1',
      'triage#production#2',
    ]);
    expect((await store.read('run', 'triage-1'))?.tags).toEqual({ ticket: 'A-1', verdict: 'good' });
    const record = await store.read('run', id);
    expect(record).toMatchObject({
      status: 'succeeded',
      seconds: 60,
      config: { lr: '0.1' },
      metrics: { loss: { value: 0.5 } },
    });
    expect(record?.series?.path).toBe('series.jsonl');
    expect(await store.read('model', 'triage')).toMatchObject({
      version: 'v1.2.0',
      run: id,
      description: '(version 3 of MLflow, s3://weights/theirs)',
    });
    expect(await store.readFile('llmops/prompts/greet.prompt')).toBe('Hello {{name}}');
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('gets git’s word where both sides changed, and a stage that the policy refuses is told', async () => {
    await promote(store, 'triage@v1.2.0', 'production');
    await server.call('registered-models/alias', { name: 'triage', alias: 'production', version: '1' });
    const both = await sync();
    expect(both.conflicts).toEqual(['triage#production: v1.0.0 there, v1.2.0 here; git wins']);
    const live = await server.call('registered-models/alias?name=triage&alias=production', {}, 'GET');
    expect(live.model_version).toMatchObject({ version: '3' });

    const policy = { schemaVersion: 1, stages: { production: { evaluations: [{ metric: 'exact_match', min: 0.9 }] } } };
    await store.commit({ files: { 'llmops/policy.json': `${JSON.stringify(policy)}\n` }, message: 'Policy' });
    await server.call('registered-models/alias', { name: 'triage', alias: 'production', version: '2' });
    const { code, stdout } = await runCommand(mlflow, ['sync', '--url', server.url], { folder });
    expect(code).toBe(1);
    expect(stdout).toContain('!! triage#production: v1.1.0 there, and refused here:');
    expect(stdout).toContain('exact_match');
    expect((await store.versions('triage'))[0]).toMatchObject({ version: 'v1.2.0', stages: ['production'] });
  });
});

it('says so where no server answers, and shows no password', async () => {
  const call = (url: string) => syncWithMlflow(store, createMlflowClient(url));
  await expect(call('http://127.0.0.1:9')).rejects.toThrow('MLflow server http://127.0.0.1:9 does not answer');
  expect(() => createMlflowClient('http://ada:secret@host:5000')).toThrow(/^"http:\/\/\.\.\.@host:5000" is no URL/);
});

interface Pair {
  key: string;
  value: string;
}

interface Run {
  info: { run_id: string; status: string };
  data: { params: Pair[]; tags: Pair[] };
}

const pairs = (list: readonly Pair[]) => Object.fromEntries(list.map(({ key, value }) => [key, value]));

async function experiment(): Promise<unknown> {
  return (await server.call('experiments/get-by-name?experiment_name=triage', {}, 'GET')).experiment;
}

/** MLflow's run of a record. */
async function findRun(id: string): Promise<Run> {
  const { experiment_id } = (await experiment()) as { experiment_id: string };
  const filter = `tags.\`llmops.run\` = '${id}'`;
  const { runs } = await server.call('runs/search', { experiment_ids: [experiment_id], filter });
  return (runs as Run[])[0]!;
}
