import { z } from 'zod';
import type { MlflowClient } from './client.ts';

/** MLflow gives tags as a list of pairs. */
const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])) as Record<string, string>);

const mlflowRun = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().optional(),
    status: z.string(),
    start_time: z.coerce.number().optional(),
    end_time: z.coerce.number().optional(),
    user_id: z.string().optional(),
  }),
  data: z
    .object({
      metrics: z.array(z.object({ key: z.string(), value: z.coerce.number().nullable() })).default([]),
      params: pairs,
      tags: pairs,
    })
    .prefault({}),
});
export type MlflowRun = z.output<typeof mlflowRun>;

const mlflowVersion = z.object({
  name: z.string(),
  version: z.string(),
  creation_timestamp: z.coerce.number(),
  description: z.string().optional(),
  source: z.string().optional(),
  run_id: z.string().optional(),
  tags: pairs,
});
export type MlflowVersion = z.output<typeof mlflowVersion>;

const registeredModel = z.object({
  name: z.string(),
  aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
  tags: pairs,
});
export type RegisteredModel = z.output<typeof registeredModel>;

const page = { next_page_token: z.string().optional() };
const nothing = z.object({});

/** Marks what a prompt is to MLflow: a registered model with these tags. Source: mlflow/prompt/constants.py. */
export const promptTags = { isPrompt: 'mlflow.prompt.is_prompt', text: 'mlflow.prompt.text' } as const;

/** The experiment of a name, made when missing. */
export async function findExperiment(client: MlflowClient, name: string): Promise<string> {
  const answer = z.object({ experiment: z.object({ experiment_id: z.string() }) });
  const found = await client.get('experiments/get-by-name', { experiment_name: name }, answer);
  if (found !== undefined) return found.experiment.experiment_id;
  const made = await client.post('experiments/create', { name }, z.object({ experiment_id: z.string() }));
  return made.experiment_id;
}

/** All runs of an experiment that were not deleted. */
export function allRuns(client: MlflowClient, experiment: string): Promise<MlflowRun[]> {
  const answer = z.object({ runs: z.array(mlflowRun).default([]), ...page });
  const body = { experiment_ids: [experiment], max_results: 1000, order_by: ['attributes.start_time ASC'] };
  return pages(async (page_token) => {
    const { runs, next_page_token } = await client.post('runs/search', { ...body, page_token }, answer);
    return { items: runs, next: next_page_token };
  });
}

/** Every value of a metric, with its step. */
export function metricHistory(client: MlflowClient, run: string, name: string) {
  const metric = z.object({ value: z.coerce.number(), step: z.coerce.number().default(0) });
  const answer = z.object({ metrics: z.array(metric).default([]), ...page });
  return pages(async (token) => {
    const query = {
      run_id: run,
      metric_key: name,
      max_results: '10000',
      ...(token === undefined ? {} : { page_token: token }),
    };
    const found = await client.get('metrics/get-history', query, answer);
    return { items: found?.metrics ?? [], next: found?.next_page_token };
  });
}

/** A registered model or prompt; undefined when there is none. */
export async function findRegistered(client: MlflowClient, name: string): Promise<RegisteredModel | undefined> {
  const answer = z.object({ registered_model: registeredModel });
  return (await client.get('registered-models/get', { name }, answer))?.registered_model;
}

/** The same, made when missing. */
export async function register(
  client: MlflowClient,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<RegisteredModel> {
  const found = await findRegistered(client, name);
  if (found !== undefined) return found;
  const answer = z.object({ registered_model: registeredModel });
  return (await client.post('registered-models/create', { name, tags: listOf(tags) }, answer)).registered_model;
}

/** Versions of a registered model, oldest first; of a prompt only when asked for them: else MLflow hides those. */
export async function allVersions(
  client: MlflowClient,
  name: string,
  kind: 'model' | 'prompt' = 'model',
): Promise<MlflowVersion[]> {
  const answer = z.object({ model_versions: z.array(mlflowVersion).default([]), ...page });
  const versions = await pages(async (token) => {
    const filter = `name = '${name}'${kind === 'prompt' ? ` AND tags.\`${promptTags.isPrompt}\` = 'true'` : ''}`;
    const query = { filter, max_results: '200', ...(token === undefined ? {} : { page_token: token }) };
    const found = await client.get('model-versions/search', query, answer);
    return { items: found?.model_versions ?? [], next: found?.next_page_token };
  });
  return versions.sort((a, b) => Number(a.version) - Number(b.version));
}

/** Makes the next version and gives its number. */
export async function makeVersion(
  client: MlflowClient,
  version: { name: string; source: string; run_id?: string; description?: string },
  tags: Readonly<Record<string, string>>,
): Promise<MlflowVersion> {
  const answer = z.object({ model_version: mlflowVersion });
  return (await client.post('model-versions/create', { ...version, tags: listOf(tags) }, answer)).model_version;
}

/** Makes a run and gives its id. */
export async function makeRun(client: MlflowClient, body: object): Promise<string> {
  const answer = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });
  return (await client.post('runs/create', body, answer)).run.info.run_id;
}

/** Whether something at this address speaks MLflow's API. */
export async function checkServer(client: MlflowClient): Promise<void> {
  await client.post('experiments/search', { max_results: 1 }, nothing);
}

/** Tags as MLflow takes them. */
export function listOf(tags: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

async function pages<T>(ask: (token?: string) => Promise<{ items: T[]; next: string | undefined }>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await ask(token);
    all.push(...items);
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return all;
}
