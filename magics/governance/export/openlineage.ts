import type { Input } from '../record-parts.ts';
import type { EvalRecord, RunRecord } from '../records.ts';
import { recordPath } from '../records.ts';
import { uuidOf } from './cyclonedx.ts';
import { citations, type Evidence } from './evidence.ts';

const producer = 'https://github.com/llmops-notebook';
const schemaURL = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const facetURL = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet';

/** OpenLineage RunEvents of the version, JSON Lines: START and COMPLETE or FAIL of its run and of each evaluation. */
export function openLineage(evidence: Evidence): string {
  const events = [
    ...(evidence.run === undefined ? [] : eventsOf(evidence, evidence.run)),
    ...evidence.evaluations.toReversed().flatMap((evaluation) => eventsOf(evidence, evaluation)),
  ];
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** A record is written when the work ends; it began that many seconds before. */
function eventsOf(evidence: Evidence, record: RunRecord | EvalRecord): unknown[] {
  const end = new Date(record.createdAt);
  const start = new Date(end.getTime() - record.seconds * 1000);
  const failed = record.kind === 'run' && record.status === 'failed';
  const aborted = record.kind === 'run' && record.status === 'cancelled';
  const facets = {
    llmops_evidence: { _producer: producer, _schemaURL: facetURL, citations: citations(evidence) },
  };
  const common = {
    run: { runId: uuidOf(recordPath(record)), facets },
    job: { namespace: 'llmops', name: record.kind === 'run' ? `finetune.${record.name}` : `eval.${record.task}` },
    inputs: record.inputs.map(datasetOf),
    outputs: record.kind === 'run' ? [{ namespace: 'llmops', name: `models/${evidence.ref}` }] : [],
    producer,
    schemaURL,
  };
  return [
    { eventType: 'START', eventTime: start.toISOString(), ...common, outputs: [] },
    { eventType: failed ? 'FAIL' : aborted ? 'ABORT' : 'COMPLETE', eventTime: end.toISOString(), ...common },
  ];
}

function datasetOf({ kind, name, version, digest }: Input): unknown {
  const facet = {
    _producer: producer,
    _schemaURL: 'https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json',
  };
  const datasetVersion = digest ?? version;
  const facets = datasetVersion === undefined ? {} : { facets: { version: { ...facet, datasetVersion } } };
  return { namespace: 'llmops', name: `${kind}s/${name}`, ...facets };
}
