import { count } from '../dataset/display.ts';
import type { Feedback, LoggedRequest } from '../deploy/logs.ts';
import type { DeploymentStatus } from '../deploy/status.ts';
import type { DriftResult } from './drift.ts';
import type { Traffic } from './traffic.ts';

/** What findings are drawn from. */
export interface Observed {
  readonly status: DeploymentStatus;
  readonly traffic: Traffic;
  readonly requests: readonly LoggedRequest[];
  readonly feedback: readonly Feedback[];
  readonly drift: readonly DriftResult[];
  /** Requests that models answered which ran under this name before. */
  readonly others: number;
}

/** What needs attention, ordered by weight: evidence, then the next command. */
export function findings({ status, traffic, requests, feedback, drift, others }: Observed): string[] {
  return [
    status.state === 'running' || status.state === 'stopped'
      ? undefined
      : `The server is ${status.state}. ${status.detail}`,
    traffic.requests === 0 ? `No requests yet: await ${status.name}.chat('...')` : undefined,
    serverErrors(requests),
    shifts(drift),
    thumbsDown(feedback, requests, status.name),
    cutAnswers(requests),
    slowStart(traffic),
    others > 0 ? `${count(others, 'request')} answered by another model before: left out here.` : undefined,
  ].filter((finding) => finding !== undefined);
}

function serverErrors(requests: readonly LoggedRequest[]): string | undefined {
  const failed = requests.filter(({ status }) => status >= 500);
  if (failed.length === 0) return undefined;
  const last = failed.at(-1)!;
  return `${count(failed.length, 'request')} failed (${percent(failed.length, requests.length)}), last with: ${last.error ?? last.status}`;
}

function shifts(drift: readonly DriftResult[]): string | undefined {
  const shifted = drift.filter(({ verdict }) => verdict === 'drift' || verdict === 'some drift');
  if (shifted.length === 0) return undefined;
  const what = shifted.map(({ title, detail, psi, pValue }) => {
    const p = pValue !== null && pValue < 0.001 ? 'p < 0.001' : `p = ${pValue?.toFixed(3)}`;
    return `${title}: ${detail} (PSI ${psi?.toFixed(2)}, ${p})`;
  });
  return `Inputs differ from the training data. ${what.join('; ')}. Add such inputs to it and run %finetune again.`;
}

function thumbsDown(
  feedback: readonly Feedback[],
  requests: readonly LoggedRequest[],
  name: string,
): string | undefined {
  const down = feedback.filter(({ value }) => value === 'down');
  const last = down.at(-1);
  if (last === undefined) return undefined;
  const input = requests.find(({ id }) => id === last.requestId)?.input;
  const about = input === undefined ? last.requestId : `"${input.slice(0, 80)}"`;
  const why = last.rationale === undefined ? '' : `: ${last.rationale}`;
  return `${count(down.length, 'answer')} got a thumbs down, last ${about}${why}. Read them in .llmops/deployments/${name}/feedback.jsonl`;
}

function cutAnswers(requests: readonly LoggedRequest[]): string | undefined {
  const answered = requests.filter(({ status }) => status === 200);
  const cut = answered.filter(({ finishReason }) => finishReason === 'length').length;
  if (cut === 0 || cut / answered.length < 0.05) return undefined;
  return `${count(cut, 'answer')} (${percent(cut, answered.length)}) cut at their token limit: raise max_tokens in the requests.`;
}

function slowStart({ timeToFirstTokenMs: ms }: Traffic): string | undefined {
  if (ms === null || ms.p95 < 2000) return undefined;
  return `One in twenty requests waits more than ${(ms.p95 / 1000).toFixed(1)} s for its first token: the server is short of capacity.`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}
