import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answering } from './answer.ts';
import { ApiError, isRequestAtFault } from './api-error.ts';
import { clientLeft } from './client-left.ts';
import type { LoggedRequest } from './logs.ts';
import type { ServerMetrics } from './metrics.ts';

/** Times of one request. */
export interface Stopwatch {
  token(): void;
  elapsedMs(): number;
  firstTokenMs(): number | null;
}

/** A request's entry in the log while it is answered. */
export interface OpenEntry {
  readonly log: LoggedRequest;
  readonly stopwatch: Stopwatch;
  /** Writes the entry of an answer that is whole; its finish reason is set. */
  settle(): Promise<void>;
}

/** Answers a request by `work`, and logs it whatever becomes of it. */
export async function logged(
  endpoint: LoggedRequest['endpoint'],
  request: FastifyRequest,
  reply: FastifyReply,
  { model, metrics, requests }: Pick<Answering, 'model' | 'metrics' | 'requests'>,
  work: (entry: OpenEntry) => Promise<void>,
): Promise<void> {
  const stopwatch = createStopwatch(metrics);
  const log = newEntry(request.id, model.names[0]!, endpoint);
  const settle = async () => {
    log.latencyMs = stopwatch.elapsedMs();
    log.timeToFirstTokenMs = stopwatch.firstTokenMs();
    metrics.finished(log);
    await requests.append(log);
  };
  try {
    await work({ log, stopwatch, settle });
  } catch (error) {
    if (log.finishReason !== null) throw error;
    log.status = statusOf(error, reply);
    log.error = error instanceof Error ? error.message : String(error);
    await settle();
    if (!reply.sent) throw error;
  }
}

function statusOf(error: unknown, reply: FastifyReply): number {
  if (clientLeft(reply)) return 499;
  if (error instanceof ApiError) return error.status;
  return isRequestAtFault(error) ? 400 : 500;
}

function newEntry(id: string, model: string, endpoint: LoggedRequest['endpoint']): LoggedRequest {
  return {
    id,
    time: new Date().toISOString(),
    model,
    endpoint,
    status: 200,
    latencyMs: 0,
    timeToFirstTokenMs: null,
    promptTokens: null,
    completionTokens: null,
    finishReason: null,
    stream: false,
  };
}

function createStopwatch(metrics: ServerMetrics): Stopwatch {
  const start = performance.now();
  let first: number | undefined;
  let last = start;
  return {
    token() {
      const now = performance.now();
      if (first === undefined) metrics.firstToken((now - start) / 1000);
      else metrics.interToken((now - last) / 1000);
      first ??= now;
      last = now;
    },
    elapsedMs: () => round(performance.now() - start),
    firstTokenMs: () => (first === undefined ? null : round(first - start)),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
