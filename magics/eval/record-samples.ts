import path from 'node:path';
import type { MagicContext } from '../context.ts';
import { captureEnvironment } from '../governance/environment.ts';
import type { EvalRecord } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { contentKey } from '../jobs/key.ts';

/** What an evaluation's record is made of when its answers came call by call. */
export type AskedEvaluation = Pick<
  EvalRecord,
  | 'task'
  | 'model'
  | 'baseline'
  | 'inputs'
  | 'config'
  | 'seed'
  | 'metrics'
  | 'baselineMetrics'
  | 'differences'
  | 'suite'
  | 'seconds'
> & {
  /** What the record's id begins with. */
  idPrefix: string;
  samples: readonly object[];
};

/** Commits evaluations together; each one's samples are an object. The same contents have the same id. */
export async function recordSamples(
  evaluations: readonly AskedEvaluation[],
  message: string,
  store: RecordStore,
  { notebook }: Pick<MagicContext, 'notebook'>,
): Promise<{ records: EvalRecord[]; commit: string }> {
  const environment = await captureEnvironment(store.folder, {
    notebook: notebook === undefined ? undefined : path.relative(store.folder, notebook),
  });
  const records: EvalRecord[] = [];
  for (const { idPrefix, samples, ...rest } of evaluations) {
    const lines = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
    const pointer = await store.objects.putText(lines, 'samples.jsonl');
    const key = contentKey({ ...rest, seconds: undefined, samples: pointer.oid });
    records.push({
      schemaVersion: 1,
      kind: 'eval',
      createdAt: new Date().toISOString(),
      id: `${idPrefix}-${key.slice('sha256:'.length, 'sha256:'.length + 8)}`,
      ...rest,
      samples: pointer,
      environment,
    });
  }
  const { commit } = await store.commit({ records, message });
  return { records, commit };
}
