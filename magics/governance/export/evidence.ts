import { findVersion } from '../find-version.ts';
import { digestText } from '../objects.ts';
import {
  type ApprovalRecord,
  type DatasetRecord,
  type DeploymentRecord,
  type EvalRecord,
  type ModelRecord,
  type RunRecord,
  recordPath,
} from '../records.ts';
import { type StagePeriod, stagePeriods } from '../stages.ts';
import type { RecordStore } from '../store.ts';

/** All that the records say about one version of a model. */
export interface Evidence {
  /** `name@v1.0.0` */
  readonly ref: string;
  readonly commit: string;
  readonly model: ModelRecord;
  readonly run?: RunRecord;
  /** Newest first. */
  readonly evaluations: readonly EvalRecord[];
  readonly datasets: readonly DatasetRecord[];
  readonly prompt?: string;
  readonly approvals: readonly ApprovalRecord[];
  readonly deployments: readonly DeploymentRecord[];
  readonly periods: readonly StagePeriod[];
  /** Digest of the text of every record used, by path. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Gathers the evidence of `name@v1.0.0` or the newest version of `name`. */
export async function gatherEvidence(store: RecordStore, ref: string): Promise<Evidence> {
  const { version, record: model, tags } = await findVersion(store, ref);
  const isOurs = (record: { model: string }) => record.model === version.ref;
  const [run, evaluations, approvals, deployments, datasets] = await Promise.all([
    model.run === undefined ? undefined : store.read('run', model.run),
    store.list('eval').then((all) => all.filter(isOurs)),
    store.list('approval').then((all) => all.filter(isOurs)),
    store.list('deployment').then((all) => all.filter(isOurs)),
    datasetsOf(store, model),
  ]);
  const records = [...(run === undefined ? [] : [run]), ...evaluations, ...datasets, ...approvals, ...deployments];
  const promptPath = model.prompt === undefined ? undefined : `llmops/prompts/${model.prompt}.prompt`;
  const paths = [...records.map(recordPath), ...(promptPath === undefined ? [] : [promptPath])];
  const texts = await Promise.all([
    store.readFile(recordPath(model), { at: version.commit }),
    ...paths.map((path) => store.readFile(path)),
  ]);
  const digests = new Map([recordPath(model), ...paths].map((path, i) => [path, digestText(texts[i] ?? '')]));
  return {
    ref: version.ref,
    commit: version.commit,
    model,
    run,
    evaluations: evaluations.sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    datasets,
    prompt: promptPath,
    approvals,
    deployments,
    periods: stagePeriods(tags).filter((period) => period.commit === version.commit),
    digests,
  };
}

/** Data sets that the model was made from and tested on, and those that these were made from. */
async function datasetsOf(store: RecordStore, model: ModelRecord): Promise<DatasetRecord[]> {
  const names = new Set(model.inputs.filter((input) => input.kind === 'dataset').map((input) => input.name));
  const found: DatasetRecord[] = [];
  for (const name of names) {
    const record = await store.read('dataset', name);
    if (record === undefined) continue;
    found.push(record);
    for (const input of record.inputs) if (input.kind === 'dataset') names.add(input.name);
  }
  return found;
}

/** How a document cites a record: its path and the digest of its text. */
export function citation(evidence: Evidence, path: string): string {
  return `evidence:${path}@${evidence.digests.get(path)}`;
}

/** All citations of a document, in order of the paths. */
export function citations(evidence: Evidence): string[] {
  return [...evidence.digests.keys()].sort().map((path) => citation(evidence, path));
}

/** What differs between the records that a document cites and those of now; empty while it is up to date. */
export function staleness(document: string, evidence: Evidence): string[] {
  const cited = new Map<string, string>();
  for (const [, path = '', digest = ''] of document.matchAll(/evidence:(llmops\/[^@\s"]+)@(sha256:[0-9a-f]{64})/g)) {
    cited.set(path, digest);
  }
  const changed = [...cited].flatMap(([path, digest]) => {
    const now = evidence.digests.get(path);
    return now === digest ? [] : [now === undefined ? `${path} is gone` : `${path} has changed`];
  });
  const added = [...evidence.digests.keys()].filter((path) => !cited.has(path)).map((path) => `${path} is new`);
  return [...changed, ...added];
}
