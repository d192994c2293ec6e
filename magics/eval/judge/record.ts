import type { MagicContext } from '../../context.ts';
import type { Figure } from '../../governance/record-parts.ts';
import type { EvalRecord } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import type { RecordedEval } from '../record.ts';
import { recordSamples } from '../record-samples.ts';
import type { JudgedSample } from './judge.ts';
import type { Agreement } from './kappa.ts';
import type { JudgeOptions } from './options.ts';

interface ToRecord {
  /** Record of the evaluation whose answers were judged. */
  base: EvalRecord;
  judge: string;
  metrics: Record<string, Figure>;
  samples: readonly JudgedSample[];
  options: JudgeOptions;
  agreement?: Agreement;
}

/** Commits a judgement as an evaluation of its own; every grade with its reasons is an object. */
export async function recordJudgement(
  { base, judge, metrics, samples, options, agreement }: ToRecord,
  store: RecordStore,
  context: Pick<MagicContext, 'notebook'>,
): Promise<RecordedEval> {
  const { rubric, scale, seed } = options;
  const evaluation = {
    idPrefix: `${base.id}-judged`,
    task: base.task,
    model: base.model,
    inputs: [...base.inputs, { role: 'source' as const, kind: 'model' as const, name: judge }],
    config: { judged: base.id, judge, rubric, scale, ...(agreement && { agreement: { ...agreement } }) },
    seed,
    metrics,
    seconds: 0,
    samples,
  };
  const message = `Judge ${base.model} on ${base.task} by ${judge}`;
  const { records, commit } = await recordSamples([evaluation], message, store, context);
  return { record: records[0]!, commit };
}
