import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { suggestion, UserError } from '../errors.ts';
import type { EvalRecord } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { Evaluation } from '../handles.ts';
import type { SampleResult } from './score-answers.ts';

/** An option that names an evaluation: its id, or a handle. */
export const evaluationOption = z.union([
  z.string(),
  z.custom<Evaluation>((value) => typeof value === 'object' && value !== null && 'id' in value, 'not an evaluation'),
]);

const sample = z.object({
  input: z.string(),
  reference: z.string(),
  prediction: z.string(),
  baseline: z.string().optional(),
  scores: z.record(z.string(), z.number().nullable()),
});

/** A recorded evaluation with its samples. */
export interface RecordedSamples {
  record: EvalRecord;
  samples: SampleResult[];
}

/** Reads an evaluation's record and samples. An unknown id is a UserError. */
export async function readEvaluation(evaluation: string | Evaluation, store: RecordStore): Promise<RecordedSamples> {
  const id = typeof evaluation === 'string' ? evaluation : evaluation.id;
  const record = await store.read('eval', id);
  if (record === undefined) throw evaluationNotFound(id, await store.names('eval'));
  const text = await readFile(await store.objects.file(record.samples), 'utf8');
  const samples = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => sample.parse(JSON.parse(line)));
  return { record, samples };
}

function evaluationNotFound(id: string, ids: readonly string[]): UserError {
  return new UserError(`There is no evaluation "${id}".${suggestion(id, ids, 'Evaluations')}`, { offending: id });
}
