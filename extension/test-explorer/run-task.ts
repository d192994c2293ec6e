import type * as vscode from 'vscode';
import { suiteReport, suiteReportMime } from '../../magics/eval/suite/suite-report.ts';
import type { KernelClient, ReplyEvent } from '../kernel-client.ts';
import { createRunOutput } from './run-output.ts';

/** How the run of one task, or of a whole suite, ended. */
export type TaskEnd =
  /** Its evaluations are recorded, whether the gates hold or not. */
  { type: 'recorded'; evaluations: string[] } | { type: 'error'; message: string } | { type: 'interrupted' };

/** Runs one task of a suite, or all, in a kernel; `write` gets what the cell shows, for a terminal. */
export async function runTask(
  kernel: Pick<KernelClient, 'request'>,
  { file, task }: { file: string; task?: string },
  write: (text: string) => void,
  token: vscode.CancellationToken,
): Promise<TaskEnd> {
  const output = createRunOutput(write);
  let evaluations: string[] | undefined;
  let message = 'The cell ended without a result.';
  const onEvent = (event: ReplyEvent) => {
    output(event);
    if (event.type === 'error') message = event.message;
    const report = event.type === 'display' ? event.data[suiteReportMime] : undefined;
    if (report !== undefined) evaluations = suiteReport.parse(report).evaluations;
  };
  const interrupting = token.onCancellationRequested(
    () => void kernel.request({ method: 'interrupt' }).catch(() => {}),
  );
  try {
    const code = cellOf(file, task);
    const { status } = await kernel.request({ method: 'execute', cellId: 'suite', code, typeErrors: 'off' }, onEvent);
    if (evaluations !== undefined) return { type: 'recorded', evaluations };
    return status === 'interrupted' ? { type: 'interrupted' } : { type: 'error', message };
  } finally {
    interrupting.dispose();
  }
}

/** The magic; its values are TypeScript strings, in which every character is meant as it stands. */
function cellOf(file: string, task: string | undefined): string {
  const value = (text: string) => `\${${JSON.stringify(text)}}`;
  return `%eval suite ${value(file)}${task === undefined ? '' : ` --only ${value(task)}`}`;
}
