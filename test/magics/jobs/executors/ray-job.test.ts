import { describe, expect, it } from 'vitest';
import { rayRequest, stateOf } from '../../../../magics/jobs/executors/ray-job.ts';
import type { JobSpec } from '../../../../magics/jobs/protocol.ts';

const spec: JobSpec = {
  schemaVersion: 1,
  id: 'finetune-1',
  kind: 'finetune',
  title: 'fine-tune tiny',
  key: 'k',
  createdAt: new Date(0).toISOString(),
  folder: '/repository',
  payload: null,
};
const place = { submission: 'llmops-finetune-1-2', jobFolder: "/a's", node: '/node', worker: '/dist/worker.js' };

describe("a job in Ray's words", () => {
  it('asks for what the cell asked for, and for one core by itself', () => {
    expect(rayRequest({ ...spec, resources: { executor: 'ray', gpus: 2, cpus: 4, memory: '16G' } }, place)).toEqual({
      submission_id: 'llmops-finetune-1-2',
      entrypoint: `cd '/a'\\''s' && test ! -e withdrawn-llmops-finetune-1-2 && exec '/node' '/dist/worker.js' '/a'\\''s' >>log.txt 2>&1`,
      entrypoint_num_cpus: 4,
      entrypoint_num_gpus: 2,
      entrypoint_memory: 16 * 2 ** 30,
      runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: '10' } },
      metadata: { name: 'fine-tune tiny', llmops_job: 'finetune-1' },
    });
    expect(rayRequest(spec, place)).toMatchObject({ entrypoint_num_cpus: 1, entrypoint_num_gpus: undefined });
  });

  it.each([
    [{ status: 'STOPPED' }, 'it was stopped through Ray'],
    [{ status: 'FAILED', driver_exit_code: -9 }, 'its worker was killed (SIGKILL'],
    [{ status: 'FAILED', driver_exit_code: -64 }, 'its worker was ended by signal 64'],
    [{ status: 'FAILED', driver_exit_code: 3 }, 'its worker ended with exit code 3'],
    [
      { status: 'FAILED', driver_exit_code: 2, message: "Running\n/bin/sh: 1: cd: can't cd to /a\n" },
      "its worker ended with exit code 2 (/bin/sh: 1: cd: can't cd to /a)",
    ],
    [{ status: 'FAILED', error_type: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT' }, 'it waited too long for what it asks for'],
    [{ status: 'FAILED', error_type: 'JOB_SUPERVISOR_ACTOR_DIED' }, 'its node failed'],
    [{ status: 'FAILED', message: 'runtime_env setup failed: no disk' }, 'runtime_env setup failed: no disk'],
    [{ status: 'SUCCEEDED', driver_exit_code: 0 }, 'its worker ended with exit code 0'],
  ] as const)('an end without a result says why: %o', (job, reason) => {
    const state = stateOf('s', job);
    expect(state).toMatchObject({
      state: 'gone',
      reason: expect.stringContaining(`Ray ended job s (${job.status}): `),
    });
    expect(state).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it('waiting is told in Ray’s words', () => {
    expect(stateOf('s', { status: 'PENDING', message: 'Waiting.' })).toEqual({ state: 'queued', reason: 'Waiting.' });
    expect(stateOf('s', { status: 'RUNNING', message: 'Job is currently running.' })).toEqual({ state: 'running' });
  });
});
