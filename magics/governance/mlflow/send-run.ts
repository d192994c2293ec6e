import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { stableJson } from '../json.ts';
import { digestText } from '../objects.ts';
import type { RunRecord } from '../records.ts';
import type { RecordStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { listOf, makeRun } from './entities.ts';
import { mirrorTags } from './tags.ts';

/** Most entries of each kind that one request may have. Source: MLflow's REST reference, "Log Batch". */
const batch = { metrics: 1000, params: 100 };
/** Longest value of a parameter. Source: the same. */
const maxParam = 6000;

const statuses = { succeeded: 'FINISHED', failed: 'FAILED', cancelled: 'KILLED' } as const;

/** Digest of a record: tells whether it has changed since both sides agreed. */
export function runDigest(record: RunRecord): string {
  return digestText(stableJson(record));
}

/**
 * Makes MLflow's run of a record, or completes `existing` where an earlier try was interrupted. The digest is set last:
 * a run without it is not complete.
 */
export async function sendRun(
  store: RecordStore,
  client: MlflowClient,
  experiment: string,
  record: RunRecord,
  existing?: string,
): Promise<string> {
  const end = Date.parse(record.createdAt);
  const start = end - Math.round(record.seconds * 1000);
  const tags = { [mirrorTags.run]: record.id, 'mlflow.user': record.createdBy ?? '', ...record.tags };
  const made = { experiment_id: experiment, run_name: record.id, start_time: start, tags: listOf(tags) };
  const run_id = existing ?? (await makeRun(client, made));
  const params = paramsOf(record.config);
  for (const part of chunks(params, batch.params)) await client.tell('runs/log-batch', { run_id, params: part });
  const metrics = [...(await seriesOf(store, record, start)), ...figuresOf(record, end)];
  for (const part of chunks(metrics, batch.metrics)) await client.tell('runs/log-batch', { run_id, metrics: part });
  await client.tell('runs/update', { run_id, status: statuses[record.status], end_time: end });
  await client.tell('runs/set-tag', { run_id, key: mirrorTags.digest, value: runDigest(record) });
  return run_id;
}

/** Nested settings become `lora.r`; what is no text becomes JSON. */
function paramsOf(config: RunRecord['config'], prefix = ''): { key: string; value: string }[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const key = `${prefix}${name}`.replaceAll(/[^\w.\-/ ]/g, '_').slice(0, 250);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return paramsOf(value, `${key}.`);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [{ key, value: text.slice(0, maxParam) }];
  });
}

interface Metric {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

/** The final figures, at the step after the last one of the series; names that the series has too get a mark. */
function figuresOf({ metrics }: RunRecord, timestamp: number): Metric[] {
  return Object.entries(metrics).flatMap(([name, { value }]) => {
    return value === null ? [] : [{ key: `final/${metricName(name)}`, value, timestamp, step: 0 }];
  });
}

/** The curve, where this copy of the repository has it. */
async function seriesOf(store: RecordStore, { series }: RunRecord, timestamp: number): Promise<Metric[]> {
  if (series === undefined) return [];
  const file = await store.objects.file(series).catch(() => undefined);
  if (file === undefined) return [];
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const { data } = point.safeParse(JSON.parse(line));
    return data === undefined ? [] : [{ key: metricName(data.name), value: data.value, timestamp, step: data.step }];
  });
}

const point = z.object({ step: z.number(), name: z.string(), value: z.number() });

/** MLflow's names are letters, digits, `_`, `-`, `.`, `/` and blanks. */
const metricName = (name: string) => name.replaceAll(/[^\w.\-/ ]/g, '_').slice(0, 250);

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
