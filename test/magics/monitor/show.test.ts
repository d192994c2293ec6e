import { beforeAll, describe, expect, it } from 'vitest';
import { deploymentFiles, type LoggedRequest } from '../../../magics/deploy/logs.ts';
import type { DeploymentRecord } from '../../../magics/governance/records.ts';
import { giveFeedback } from '../../../magics/monitor/feedback.ts';
import { feedbackOptions, showOptions } from '../../../magics/monitor/options.ts';
import { showMonitor } from '../../../magics/monitor/show.ts';
import { type ModelRepository, makeContext, makeModelRepository } from '../eval/model-fixture.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await makeModelRepository({ trainingRows: 60 });
  const record: DeploymentRecord = {
    schemaVersion: 1,
    kind: 'deployment',
    createdAt: '2026-01-02T03:04:05Z',
    name: 'cronApi',
    model: 'cron-lora@v1.0.0',
    status: 'stopped',
    host: '127.0.0.1',
    port: 8000,
    inputs: [],
    config: {},
    environment: { node: 'v20', platform: 'linux', arch: 'x64', packages: {} },
  };
  await repository.store.commit({
    records: [record, { ...record, name: 'quiet' }, { ...record, name: 'gone', status: 'running' }],
    message: 'Deploy',
  });
});

function request(i: number, changes: Partial<LoggedRequest> = {}): LoggedRequest {
  return {
    id: `chatcmpl-${i}`,
    time: new Date(Date.UTC(2026, 0, 2, 3, i)).toISOString(),
    model: 'cron-lora@v1.0.0',
    endpoint: 'chat',
    status: 200,
    latencyMs: i + 1,
    timeToFirstTokenMs: 1,
    promptTokens: 10,
    completionTokens: 5,
    finishReason: 'stop',
    stream: false,
    input: `please refund the card that I lost abroad on trip number ${i}`,
    ...changes,
  };
}
const show = (name: string, context = makeContext(repository.folder), options = {}) =>
  showMonitor(showOptions.parse({ name, ...options }), context.context);

describe('%monitor', () => {
  it('shows traffic, latency percentiles, drift against the training data and feedback', async () => {
    const files = deploymentFiles(repository.folder, 'cronApi');
    await files.requests.append(request(0, { id: 'old', model: 'cron-lora@v0.9.0' }));
    for (let i = 0; i < 100; i++) await files.requests.append(request(i));
    await files.requests.append(request(100, { status: 500, error: 'out of memory', completionTokens: null }));
    await files.requests.append(request(101, { status: 499 }));
    const { context } = makeContext(repository.folder);
    await giveFeedback(feedbackOptions.parse({ name: 'cronApi', request: 'chatcmpl-3', value: 'up' }), context);
    const down = { name: 'cronApi', value: 'down', rationale: 'wrong hour' };
    await giveFeedback(feedbackOptions.parse({ ...down, request: 'chatcmpl-3' }), context);
    expect(await giveFeedback(feedbackOptions.parse(down), context)).toMatchObject({ requestId: 'chatcmpl-99' });

    const shown = makeContext(repository.folder);
    const monitoring = await show('cronApi', shown);
    expect(monitoring).toMatchObject({ requests: 102, errors: 1, abandoned: 1, feedback: { up: 0, down: 2 } });
    expect(monitoring.latencyMs!.p50).toBeCloseTo(50.5, 10);
    expect(monitoring.latencyMs!.p99).toBeCloseTo(99.01, 10);
    expect(monitoring.completionTokens).toBe(500);
    expect(monitoring.drift.map(({ verdict }) => verdict)).toEqual(['drift', 'drift', 'drift']);
    expect(monitoring.findings).toEqual([
      '1 request failed (1.0%), last with: out of memory',
      expect.stringMatching(
        /^Inputs differ .*characters\): median 59 in requests.*never seen in training \(.* %finetune again\.$/,
      ),
      expect.stringMatching(/^2 answers got a thumbs down, last "please refund .*: wrong hour/),
      '1 request answered by another model before: left out here.',
    ]);
    expect(shown.text()).toMatch(
      /^cronApi: 102 requests, 1\.0% errors, latency p95 95 ms, 0 up, 2 down; drift against schedules$/m,
    );
    const charts = shown.shown.flatMap((bundle) => bundle['application/vnd.vegalite.v5+json'] ?? []);
    expect(charts).toHaveLength(3);
  });

  it('looks at recent requests only when asked to', async () => {
    const files = deploymentFiles(repository.folder, 'cronApi');
    await files.requests.append(request(0, { id: 'now', time: new Date().toISOString() }));
    expect((await show('cronApi', undefined, { since: '1h' })).requests).toBe(1);
    expect(showOptions.safeParse({ name: 'x', since: 'yesterday' }).success).toBe(false);
  });

  it('says how to begin when there are no requests, and what is wrong when the server is gone', async () => {
    const quiet = await show('quiet');
    expect(quiet).toMatchObject({ requests: 0, errorRate: null, latencyMs: null });
    expect(quiet.findings).toEqual(["No requests yet: await quiet.chat('...')"]);
    expect((await show('gone')).findings[0]).toContain('Start it again: %deploy cron-lora@v1.0.0 --as gone');
    await expect(show('cronApo')).rejects.toThrow('Did you mean "cronApi"?');
  });

  it('refuses feedback on requests that it does not know', async () => {
    const { context } = makeContext(repository.folder);
    const give = (options: object) => giveFeedback(feedbackOptions.parse({ value: 'up', ...options }), context);
    await expect(give({ name: 'cronApi', request: 'chatcmpl-none' })).rejects.toThrow('has no request "chatcmpl-none"');
    await expect(give({ name: 'quiet' })).rejects.toThrow('has answered no request yet');
  });
});
