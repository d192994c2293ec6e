import path from 'node:path';
import type { Input } from '../governance/record-parts.ts';
import {
  type AnyRecord,
  type DatasetRecord,
  type DeploymentRecord,
  type EvalRecord,
  type ModelRecord,
  type RunRecord,
  recordPath,
} from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { contentKey } from '../jobs/key.ts';
import type { Notebook } from './notebook.ts';

/** A prompt as its file has it. */
export interface PromptText {
  readonly name: string;
  readonly text: string;
}

/** The records that a report is about. */
export interface Evidence {
  readonly datasets: readonly DatasetRecord[];
  readonly prompts: readonly PromptText[];
  readonly runs: readonly RunRecord[];
  readonly models: readonly ModelRecord[];
  readonly evals: readonly EvalRecord[];
  readonly deployments: readonly DeploymentRecord[];
}

export const noEvidence: Evidence = { datasets: [], prompts: [], runs: [], models: [], evals: [], deployments: [] };

/**
 * The records that a notebook made or names in its outputs, the newest of each kind and name,
 * and what they were made from.
 */
export async function gatherEvidence(store: RecordStore, notebook: Notebook): Promise<Evidence> {
  const [datasets, runs, evals, deployments] = await Promise.all([
    store.list('dataset'),
    store.list('run'),
    store.list('eval'),
    store.list('deployment'),
  ]);
  const isOurs = await ownership(store, notebook);
  const ourRuns = newest(runs.filter(isOurs), (run) => run.name);
  const ourEvals = newest(evals.filter(isOurs), (e) => contentKey([e.task, nameOf(e.model), e.baseline, e.config]));
  const ourDeployments = newest(deployments.filter(isOurs), (deployment) => deployment.name);
  const models = await readModels(store, [
    ...ourRuns.map((run) => run.model),
    ...ourEvals.flatMap((e) => [e.model, e.baseline]),
    ...ourDeployments.map((deployment) => deployment.model),
  ]);
  const inputs = [...ourRuns, ...ourEvals, ...ourDeployments, ...models].flatMap((record) => record.inputs);
  const ourDatasets = withOrigins(datasets, [
    ...datasets.filter(isOurs).map((d) => d.name),
    ...namesOf(inputs, 'dataset'),
  ]);
  return {
    datasets: ourDatasets,
    prompts: await readPrompts(store, namesOf(inputs, 'prompt')),
    runs: [...ourRuns, ...runsOf(models, runs, ourRuns)],
    models,
    evals: ourEvals,
    deployments: ourDeployments,
  };
}

/** Made by the notebook, by its environment; or named in its outputs by id, or by the commit that holds it. */
async function ownership(store: RecordStore, notebook: Notebook): Promise<(record: AnyRecord) => boolean> {
  const file = path.relative(store.folder, notebook.file).split(path.sep).join('/');
  const outputs = JSON.stringify(notebook.cells.flatMap((cell) => cell.outputs));
  const named = (await store.log('llmops')).filter(({ commit }) => outputs.includes(commit.slice(0, 7)));
  const paths = new Set(named.flatMap((commit) => commit.paths));
  return (record) => {
    if ('environment' in record && record.environment?.notebook === file) return true;
    return paths.has(recordPath(record)) || ('id' in record && outputs.includes(record.id));
  };
}

/** The newest record of each key, oldest first. */
function newest<R extends AnyRecord>(records: readonly R[], keyOf: (record: R) => string): R[] {
  const byKey = new Map<string, R>();
  for (const record of [...records].sort((a, b) => a.createdAt.localeCompare(b.createdAt))) {
    byKey.set(keyOf(record), record);
  }
  return [...byKey.values()];
}

async function readModels(store: RecordStore, refs: readonly (string | undefined)[]): Promise<ModelRecord[]> {
  const versions = [...new Set(refs)].filter((ref) => ref?.includes('@') === true) as string[];
  const asked = versions.map((ref) => ({ name: nameOf(ref), at: `refs/tags/${ref}` }));
  return (await store.readMany('model', asked)).filter((model) => model !== undefined);
}

/** Runs that made the models, when the notebook itself did not. */
function runsOf(models: readonly ModelRecord[], all: readonly RunRecord[], known: readonly RunRecord[]): RunRecord[] {
  const wanted = new Set(models.map((model) => model.run));
  return all.filter((run) => wanted.has(run.id) && !known.includes(run));
}

/** The named data sets and, repeatedly, the data sets that they were made from. */
function withOrigins(all: readonly DatasetRecord[], names: readonly string[]): DatasetRecord[] {
  const wanted = new Set(names);
  for (const name of wanted) {
    const record = all.find((candidate) => candidate.name === name);
    for (const origin of namesOf(record?.inputs ?? [], 'dataset')) wanted.add(origin);
  }
  return all.filter((record) => wanted.has(record.name));
}

async function readPrompts(store: RecordStore, names: readonly string[]): Promise<PromptText[]> {
  const prompts = names.map(async (name) => ({ name, text: await store.readFile(`llmops/prompts/${name}.prompt`) }));
  return (await Promise.all(prompts)).filter((prompt): prompt is PromptText => prompt.text !== undefined);
}

function namesOf(inputs: readonly Input[], kind: Input['kind']): string[] {
  return [...new Set(inputs.filter((input) => input.kind === kind).map((input) => input.name))];
}

function nameOf(ref: string): string {
  return ref.split('@')[0]!;
}
