import { quantile } from '../dataset/statistics.ts';
import type { Feedback, LoggedRequest } from '../deploy/logs.ts';

/** p50, p95 and p99 in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What a deployment has been doing. */
export interface Traffic {
  readonly requests: number;
  /** Requests that failed by the server's fault (5xx) or were refused (4xx). */
  readonly errors: number;
  /** Clients that went away before their answer was whole. */
  readonly abandoned: number;
  /** Share of errors; null without requests. */
  readonly errorRate: number | null;
  /** Of answered requests; null without any. */
  readonly latencyMs: Percentiles | null;
  readonly timeToFirstTokenMs: Percentiles | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly first?: string;
  readonly last?: string;
  /** Thumbs on answers; of several on one request the last counts. */
  readonly feedback: { readonly up: number; readonly down: number };
}

/** Figures of a request log and its feedback. */
export function summariseTraffic(requests: readonly LoggedRequest[], feedback: readonly Feedback[]): Traffic {
  const answered = requests.filter(({ status }) => status === 200);
  const abandoned = requests.filter(({ status }) => status === 499).length;
  const errors = requests.length - answered.length - abandoned;
  const thumbs = [...new Map(feedback.filter(isThumb).map((one) => [one.requestId, one.value])).values()];
  return {
    requests: requests.length,
    errors,
    abandoned,
    errorRate: requests.length === 0 ? null : errors / requests.length,
    latencyMs: percentiles(answered.map(({ latencyMs }) => latencyMs)),
    timeToFirstTokenMs: percentiles(answered.flatMap(({ timeToFirstTokenMs: ms }) => (ms === null ? [] : [ms]))),
    promptTokens: answered.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0),
    completionTokens: answered.reduce((sum, { completionTokens }) => sum + (completionTokens ?? 0), 0),
    first: requests[0]?.time,
    last: requests.at(-1)?.time,
    feedback: { up: thumbs.filter((value) => value === 'up').length, down: thumbs.filter((v) => v === 'down').length },
  };
}

/** Requests and errors per interval of equal, round length, at most 60 of them; also where nothing came in. */
export function requestsOverTime(
  requests: readonly LoggedRequest[],
): { startMinutes: number; requests: number; errors: number; p95Ms: number | null }[] {
  const times = requests.map(({ time }) => Date.parse(time));
  const first = Math.min(...times);
  const width = roundMinutes((Math.max(...times) - first) / 60_000 / 60) * 60_000;
  const count = requests.length === 0 ? 0 : Math.floor((Math.max(...times) - first) / width) + 1;
  const groups = Array.from({ length: count }, (): LoggedRequest[] => []);
  for (const [i, request] of requests.entries()) groups[Math.floor((times[i]! - first) / width)]!.push(request);
  return groups.map((group, i) => {
    const { errors, latencyMs } = summariseTraffic(group, []);
    return { startMinutes: (i * width) / 60_000, requests: group.length, errors, p95Ms: latencyMs?.p95 ?? null };
  });
}

function isThumb({ value }: Feedback): boolean {
  return value === 'up' || value === 'down';
}

function percentiles(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return { p50: quantile(sorted, 0.5)!, p95: quantile(sorted, 0.95)!, p99: quantile(sorted, 0.99)! };
}

/** The next longer interval that people count in, in minutes: a second, a minute, an hour, a day ... */
function roundMinutes(minutes: number): number {
  const steps = [1 / 60, 1 / 12, 1 / 4, 1, 5, 15, 60, 240, 1440, 10_080];
  return steps.find((step) => step >= minutes) ?? Math.ceil(minutes / 10_080) * 10_080;
}
