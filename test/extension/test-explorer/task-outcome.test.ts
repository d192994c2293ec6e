import { describe, expect, it } from 'vitest';
import { newestByTask, taskOutcome } from '../../../extension/test-explorer/task-outcome.ts';
import type { EvalRecord } from '../../../magics/governance/records.ts';

const record = (id: string, createdAt: string, changes: Partial<EvalRecord> = {}): EvalRecord => ({
  ...{ schemaVersion: 1, kind: 'eval', createdAt, id, task: 'test', model: 'triage@v1.1.0', inputs: [], config: {} },
  ...{ seed: 0, seconds: 4, metrics: { exact_match: { value: 0.842, low: 0.823, high: 0.859 } } },
  samples: { path: 's', oid: `sha256:${'5'.repeat(64)}`, size: 1 },
  environment: { node: 'v20', platform: 'linux', arch: 'x64', packages: {} },
  suite: {
    ...{ name: 'cron', file: 'suites/cron.yaml', folder: '', task: 'a' },
    gates: [{ gate: 'exact_match>=0.9', passed: false }],
  },
  ...changes,
});
const gatesOf = (gate: string, passed: boolean) => ({ ...record('x', '').suite!, gates: [{ gate, passed }] });

describe('the results of a suite', () => {
  it('are the newest evaluation of each task; evaluations of no suite take no part', () => {
    const second = record('second', '2026-02-01T00:00:00Z');
    const loose = record('loose', '2026-03-01T00:00:00Z', { suite: undefined });
    const newest = newestByTask([second, record('first', '2026-01-01T00:00:00Z'), loose]);
    expect([...newest.keys()]).toEqual(['suites/cron.yaml']);
    expect([...newest.get('suites/cron.yaml')!]).toEqual([['a', second]]);
  });

  it('say the figure and the gate’s limit, to be shown side by side', () => {
    const outcome = taskOutcome(record('a', '2026-03-06T09:00:00Z'), new Date('2026-03-06T09:05:00Z'));
    expect(outcome.description).toBe('84.2% exact match · triage@v1.1.0 · 5 min ago');
    expect(outcome.gates.get('exact_match>=0.9')).toEqual({
      passed: false,
      figure: '84.2% [82.3, 85.9]',
      expected: 'at least 90.0%',
      actual: '84.2% [82.3, 85.9]',
      message: 'exact match is 84.2% [82.3, 85.9]; the gate asks for at least 90.0%',
    });
  });

  it('say so when a figure is not determined', () => {
    const { gates } = taskOutcome(record('a', '2026-03-06T09:00:00Z', { suite: gatesOf('bleu>30', false) }));
    expect(gates.get('bleu>30')!.message).toBe('bleu is not determined; the gate asks for more than 30');
  });

  it('compare with the base line where a gate does', () => {
    const suite = gatesOf('exact_match>=baseline', false);
    const compared = record('a', '2026-03-06T09:00:00Z', {
      suite,
      baseline: 'triage@v1.0.0',
      baselineMetrics: { exact_match: { value: 0.9 } },
      differences: { exact_match: { value: -0.058, low: -0.08, high: -0.02, pValue: 0.001 } },
    });
    expect(taskOutcome(compared).gates.get('exact_match>=baseline')!.message).toBe(
      "exact match is 84.2% [82.3, 85.9], triage@v1.0.0's is 90.0%: a difference of -5.8 points [-8.0, -2.0]; the gate asks for not significantly worse",
    );
    const first = record('b', '2026-03-06T09:00:00Z', { suite: gatesOf('exact_match>=baseline', true) });
    expect(taskOutcome(first).gates.get('exact_match>=baseline')).toMatchObject({
      passed: true,
      actual: 'there was nothing to compare with',
    });
  });
});
