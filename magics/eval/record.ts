import path from 'node:path';
import type { MagicContext } from '../context.ts';
import { datasetInput } from '../dataset/record.ts';
import { captureEnvironment } from '../governance/environment.ts';
import type { Input } from '../governance/record-parts.ts';
import { type EvalRecord, type RecordedSuiteTask, recordPath } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference } from '../handles.ts';
import { contentKey } from '../jobs/key.ts';
import { formatValue } from './format-figure.ts';
import { modelDigest } from './model-digest.ts';
import type { Answers, Scored } from './score-answers.ts';
import type { EvalSetting } from './setting.ts';

export interface RecordedEval {
  readonly record: EvalRecord;
  /** Commit that holds it. */
  readonly commit: string;
}

/**
 * Commits the record of an evaluation; per-sample results are stored as an object. The same models, data, prompt and
 * settings have the same record: where it is there already, nothing is written. For a task of a suite it is written again
 * when another record of the task is newer, so that the newest one always tells how the task stands.
 */
export async function recordEval(
  setting: EvalSetting,
  scored: Scored,
  answers: Answers,
  store: RecordStore,
  context: Pick<MagicContext, 'notebook'>,
): Promise<RecordedEval> {
  const id = await evalId(setting, scored);
  const before = await store.read('eval', id);
  if (before !== undefined && (await isNewest(before, store)))
    return { record: before, commit: await commitOf(before, store) };
  const lines = scored.samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
  const notebook = context.notebook === undefined ? undefined : path.relative(store.folder, context.notebook);
  const record: EvalRecord = {
    schemaVersion: 1,
    kind: 'eval',
    createdAt: new Date().toISOString(),
    id,
    task: setting.data.name,
    model: setting.model.ref,
    baseline: setting.baseline?.ref,
    inputs: await inputsOf(setting),
    config: setting.config,
    seed: setting.seed,
    metrics: scored.metrics,
    baselineMetrics: scored.baselineMetrics,
    differences: scored.differences,
    slices: scored.slices.length > 0 ? scored.slices : undefined,
    samples: await store.objects.putText(lines, 'samples.jsonl'),
    suite: setting.suite,
    seconds: answers.model.result.seconds + (answers.baseline?.result.seconds ?? 0),
    environment: await captureEnvironment(store.folder, { device: answers.model.result.device, notebook }),
  };
  const { commit } = await store.commit({ records: [record], message: messageOf(setting, scored) });
  return { record, commit };
}

/** The figures are part of it: a metric of the user's own may have changed in ways that its text does not show. */
async function evalId(setting: EvalSetting, { metrics }: Scored): Promise<string> {
  const { model, baseline, data, prompt, seed, config, suite } = setting;
  const models = await Promise.all([model, ...(baseline ? [baseline] : [])].map(({ folder }) => modelDigest(folder)));
  const key = contentKey({ models, data: data.digest, prompt: prompt.digest, seed, config, metrics, suite });
  return `${model.name.split('/').at(-1)}-${key.slice('sha256:'.length, 'sha256:'.length + 10)}`;
}

/** Whether no later evaluation of the same task of a suite is recorded; true for what belongs to none. */
async function isNewest({ suite, createdAt }: EvalRecord, store: RecordStore): Promise<boolean> {
  if (suite === undefined) return true;
  const others = (await store.list('eval')).filter((other) => isSameTask(other.suite, suite));
  return others.every((other) => other.createdAt <= createdAt);
}

function isSameTask(one: RecordedSuiteTask | undefined, { file, task }: RecordedSuiteTask): boolean {
  return one?.file === file && one.task === task;
}

async function commitOf(record: EvalRecord, store: RecordStore): Promise<string> {
  const [last] = await store.log(recordPath(record), { limit: 1 });
  return last?.commit ?? '';
}

function messageOf({ model, data, metrics }: EvalSetting, scored: Scored): string {
  const figures = metrics.map((metric) => `${metric.title} ${formatValue(metric, scored.metrics[metric.name]!.value)}`);
  return `Evaluate ${model.ref} on ${data.name}: ${figures.slice(0, 3).join(', ')}`;
}

async function inputsOf({ model, baseline, data, prompt }: EvalSetting): Promise<Input[]> {
  const { name, version, digest } = prompt;
  return [
    await modelInput('model', model),
    ...(baseline === undefined ? [] : [await modelInput('baseline', baseline)]),
    datasetInput(data, 'test'),
    { role: 'prompt', kind: 'prompt', name, version, digest },
  ];
}

async function modelInput(role: 'model' | 'baseline', { name, version, folder }: ModelReference): Promise<Input> {
  const digest = await modelDigest(folder);
  return version === 'local' ? { role, kind: 'file', name, digest } : { role, kind: 'model', name, version, digest };
}
