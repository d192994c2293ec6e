import { recordName } from '../record-parts.ts';
import type { RunRecord } from '../records.ts';
import type { RecordStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { type MlflowRun, metricHistory } from './entities.ts';
import { peoplesTags } from './tags.ts';

/** Runs that are over; others come with a later synchronisation. */
const statuses: Readonly<Record<string, RunRecord['status']>> = {
  FINISHED: 'succeeded',
  FAILED: 'failed',
  KILLED: 'cancelled',
};

/** The record of a run that was made there; undefined while it runs. `name`: of the model, which is the experiment's. */
export async function receiveRun(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  { info, data }: MlflowRun,
): Promise<RunRecord | undefined> {
  const status = statuses[info.status];
  if (status === undefined) return undefined;
  const start = info.start_time ?? 0;
  const end = info.end_time ?? start;
  const lines: string[] = [];
  for (const { key } of data.metrics) {
    const history = await metricHistory(client, info.run_id, key);
    for (const { step, value } of history.length > 1 ? history : [])
      lines.push(JSON.stringify({ step, name: key, value }));
  }
  const tags = peoplesTags(data.tags);
  return {
    schemaVersion: 1,
    kind: 'run',
    createdAt: new Date(end).toISOString(),
    createdBy: data.tags['mlflow.user'] ?? info.user_id,
    id: recordName.safeParse(info.run_name).success ? `${info.run_name}-${info.run_id.slice(0, 8)}` : info.run_id,
    name,
    job: `mlflow:${info.run_id}`,
    status,
    config: data.params,
    inputs: [],
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, { value: finite(value) }])),
    series: lines.length === 0 ? undefined : await store.objects.putText(`${lines.join('\n')}\n`, 'series.jsonl'),
    tags: Object.keys(tags).length === 0 ? undefined : tags,
    seconds: Math.max(0, (end - start) / 1000),
    environment: { node: 'none', platform: 'unknown', arch: 'unknown', engine: 'MLflow', packages: {} },
  };
}

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
