import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../../magics/jobs/executors/kubeflow-job.ts';

const condition = (type: string, reason: string, message: string, status = 'True') => ({
  type,
  status,
  reason,
  message,
});
const job = (...conditions: ReturnType<typeof condition>[]) => ({ metadata: {}, status: { conditions } });

describe('the state of a TrainJob', () => {
  it.each([
    ['it has failed', job(condition('Failed', 'DeadlineExceeded', 'too long')), 'gone', /DeadlineExceeded: too long$/],
    ['it is complete', job(condition('Complete', 'AllJobsCompleted', 'done')), 'gone', /left no result$/],
    ['a queue holds it', job(condition('Suspended', 'Suspended', 'no quota')), 'queued', /^Suspended: no quota$/],
    [
      'a queue has let it go',
      job(condition('Suspended', 'Resumed', 'go', 'False')),
      'queued',
      /^its pod is being made$/,
    ],
    ['it is new', { metadata: {} }, 'queued', /^its pod is being made$/],
  ] as const)('%s', (_, told, state, reason) => {
    expect(stateOf('t', told, [])).toMatchObject({ state, reason: expect.stringMatching(reason) });
  });

  it('is its pods’ while it lives', () => {
    const pod = (state: object) => ({ status: { phase: 'Pending', containerStatuses: [{ state }] } });
    const pulling = pod({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } });
    expect(stateOf('t', job(), [pulling])).toEqual({ state: 'queued', reason: 'ImagePullBackOff: no such image' });
    expect(stateOf('t', job(), [pulling, pod({ running: {} })])).toEqual({ state: 'running' });
    expect(stateOf('t', job(), [{ status: { phase: 'Failed' } }])).toEqual({ state: 'running' });
    expect(stateOf('t', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, [])).toEqual({ state: 'running' });
    expect(stateOf('t', job(), undefined)).toBeUndefined();
  });
});
