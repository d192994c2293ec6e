import type { RecordStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { checkServer } from './entities.ts';
import { mirrorPrompt } from './mirror-prompts.ts';
import { mirrorRuns } from './mirror-runs.ts';
import { mirrorStages } from './mirror-stages.ts';
import { mirrorVersions } from './mirror-versions.ts';
import { emptyReport, type SyncReport } from './report.ts';

/**
 * Mirrors runs, model versions, stages and prompts with an MLflow server, both ways. Only what is missing on a side is
 * made there, so that it may be interrupted and repeated. `names`: also of these experiments and models of the server,
 * which have no records here yet.
 */
export async function syncWithMlflow(
  store: RecordStore,
  client: MlflowClient,
  names: readonly string[] = [],
): Promise<SyncReport> {
  const report = emptyReport();
  await checkServer(client);
  const runs = await store.list('run');
  const models = [...new Set([...(await store.names('model')), ...names])];
  const runNames = [...new Set([...models, ...runs.map((run) => run.name)])];
  const runIds = await mirrorRuns(store, client, runNames, report);
  for (const name of models) {
    const numbers = await mirrorVersions(store, client, name, runIds, report);
    await mirrorStages(store, client, name, numbers, report);
  }
  const prompts = [...new Set([...(await store.names('prompt')), ...names])];
  for (const name of prompts) await mirrorPrompt(store, client, name, report);
  return report;
}
