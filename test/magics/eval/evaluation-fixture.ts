import { chooseMetrics } from '../../../magics/eval/metrics/choose.ts';
import { scoreSample, scoreSamples } from '../../../magics/eval/score.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { EvalRecord } from '../../../magics/governance/records.ts';

export interface Answered {
  input: string;
  reference: string;
  prediction: string;
}

/** Records an evaluation as `%eval` would, without a model: its answers are given. */
export async function recordAnswers(
  folder: string,
  id: string,
  answers: readonly Answered[],
  { metrics: names = 'exact_match', digest = `sha256:${'1'.repeat(64)}`, model = `${id}@v1.0.0` } = {},
): Promise<EvalRecord> {
  const store = await openStore(folder);
  const metrics = chooseMetrics(names);
  const lines = answers.map((answer) => {
    const scores = Object.fromEntries(metrics.map((metric) => [metric.name, scoreSample(metric, answer)]));
    return `${JSON.stringify({ ...answer, scores })}\n`;
  });
  const record: EvalRecord = {
    schemaVersion: 1,
    kind: 'eval',
    createdAt: '2026-01-02T03:04:05Z',
    id,
    task: 'test',
    model,
    inputs: [{ role: 'test', kind: 'dataset', name: 'test', digest }],
    config: { metrics: Object.fromEntries(metrics.map((metric) => [metric.name, metric.signature])) },
    seed: 0,
    metrics: scoreSamples(metrics, answers, { seed: 0 }),
    samples: await store.objects.putText(lines.join(''), 'samples.jsonl'),
    seconds: 1,
    environment: { node: 'v20', platform: 'linux', arch: 'x64', packages: {} },
  };
  await store.commit({ records: [record], message: `Record ${id}` });
  return record;
}

/** `count` questions, answered wrongly from `right` on. */
export function makeAnswers(count: number, right: number): Answered[] {
  return Array.from({ length: count }, (_, i) => ({
    input: `question ${i}`,
    reference: `answer ${i}`,
    prediction: i < right ? `answer ${i}` : `nonsense ${i}`,
  }));
}
