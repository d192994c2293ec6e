import { captureEnvironment } from '../governance/environment.ts';
import type { DeploymentRecord } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ServePayload, ServerReady } from './payload.ts';

/** Commits that a server has started, and what it serves. The key is no part of it. */
export async function recordStart(
  payload: ServePayload,
  ready: ServerReady,
  { job, prompt }: { job: string; prompt?: string },
  store: RecordStore,
): Promise<string> {
  const { name, model, logText, temperature, capacity, maxBatch, key } = payload;
  const [modelName = model, version] = model.split('@');
  const record: DeploymentRecord = {
    schemaVersion: 1,
    kind: 'deployment',
    createdAt: new Date().toISOString(),
    name,
    model,
    status: 'running',
    host: ready.host,
    port: ready.port,
    inputs: [{ role: 'model', kind: version === undefined ? 'file' : 'model', name: modelName, version }],
    config: {
      job,
      logText,
      temperature,
      capacity,
      maxBatch,
      ...(prompt !== undefined && { prompt }),
      key: 'variable' in key ? `environment variable ${key.variable}` : 'random, in a file of this machine',
    },
    environment: await captureEnvironment(store.folder, { device: ready.device }),
  };
  const { commit } = await store.commit({ records: [record], message: `Deploy ${model} as ${name}` });
  return commit;
}

/** Commits that a deployment has stopped; gives its record's commit, or undefined when it has no record. */
export async function recordStop(name: string, store: RecordStore): Promise<string | undefined> {
  const record = await store.read('deployment', name);
  if (record === undefined || record.status === 'stopped') return undefined;
  const { commit } = await store.commit({
    records: [{ ...record, status: 'stopped', createdAt: new Date().toISOString() }],
    message: `Stop deployment ${name}`,
  });
  return commit;
}
