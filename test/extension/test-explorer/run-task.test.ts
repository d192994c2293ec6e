import { describe, expect, it } from 'vitest';
import type { CancellationToken } from 'vscode';
import type { KernelClient, NewRequest, ReplyEvent } from '../../../extension/kernel-client.ts';
import { runTask } from '../../../extension/test-explorer/run-task.ts';
import { suiteReportMime } from '../../../magics/eval/suite/suite-report.ts';

type Event = ReplyEvent extends infer E ? (E extends ReplyEvent ? Omit<E, 'parent'> : never) : never;

/** A kernel that answers a cell with these events, and waits for an interrupt when `status` says so. */
function answering(events: Event[], status: 'ok' | 'error' | 'interrupted' = 'ok') {
  const asked: NewRequest[] = [];
  let end = () => {};
  const interrupted = new Promise<void>((resolve) => {
    end = resolve;
  });
  const kernel: Pick<KernelClient, 'request'> = {
    request: async (request, onEvent) => {
      asked.push(request);
      if (request.method === 'interrupt') end();
      else {
        for (const event of events) onEvent?.({ ...event, parent: 'p' } as ReplyEvent);
        if (status === 'interrupted') await interrupted;
      }
      return { type: 'finished', parent: 'p', status, executionCount: 1, durationMs: 1 };
    },
  };
  return { kernel, asked };
}

function createToken() {
  let cancel = () => {};
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void) => {
      cancel = listener;
      return { dispose: () => {} };
    },
  } as unknown as CancellationToken;
  return { token, cancel: () => cancel() };
}

const place = { file: '/r/a "b" ${c}.yaml', task: 'one\n${two}' };

describe('running a task of a suite', () => {
  it('hands file and task to the magic as they are, and gives the evaluations', async () => {
    const report: Event = { type: 'display', data: { [suiteReportMime]: { evaluations: ['e1'] }, 'text/plain': 'a' } };
    const { kernel, asked } = answering([report]);
    const written: string[] = [];
    const end = await runTask(kernel, place, (text) => written.push(text), createToken().token);
    expect(end).toEqual({ type: 'recorded', evaluations: ['e1'] });
    expect(asked).toMatchObject([
      { method: 'execute', code: '%eval suite ${"/r/a \\"b\\" ${c}.yaml"} --only ${"one\\n${two}"}' },
    ]);
    expect(written).toEqual(['a\r\n']);
  });

  it('counts a task as recorded when its gates fail, and as an error when it could not run', async () => {
    const failure: Event = { type: 'error', name: 'UserError', message: 'No model "x".', traceback: [], user: true };
    const report: Event = { type: 'display', data: { [suiteReportMime]: { evaluations: ['e1'] } } };
    const { token } = createToken();
    const gates = answering([report, failure], 'error');
    expect(await runTask(gates.kernel, place, () => {}, token)).toEqual({ type: 'recorded', evaluations: ['e1'] });
    const missing = answering([failure], 'error');
    expect(await runTask(missing.kernel, place, () => {}, token)).toEqual({ type: 'error', message: 'No model "x".' });
  });

  it('interrupts the kernel when the run is cancelled', async () => {
    const { kernel, asked } = answering([], 'interrupted');
    const { token, cancel } = createToken();
    const running = runTask(kernel, place, () => {}, token);
    cancel();
    expect(await running).toEqual({ type: 'interrupted' });
    expect(asked.map(({ method }) => method)).toEqual(['execute', 'interrupt']);
  });

  it('replaces a progress line in place, ends it before other text, and leaves out charts', async () => {
    const progress = (text: string): Event => ({
      type: 'update_display',
      displayId: 'd',
      data: { 'text/plain': text, 'application/vnd.llmops.progress+json': { text } },
    });
    const { kernel } = answering([
      progress('answering 1/2'),
      progress('answering 2/2'),
      { type: 'display', data: { 'text/plain': 'two\nlines' } },
      { type: 'display', data: { 'text/plain': 'bars', 'application/vnd.vegalite.v5+json': {} } },
      progress('again'),
      { type: 'stream', name: 'stdout', text: 'printed\n' },
    ]);
    const written: string[] = [];
    await runTask(kernel, place, (text) => written.push(text), createToken().token);
    const clear = '\r\u001b[2K';
    expect(written).toEqual([
      'answering 1/2',
      `${clear}answering 2/2`,
      `${clear}two\r\nlines\r\n`,
      'again',
      '\r\nprinted\r\n',
    ]);
  });
});
