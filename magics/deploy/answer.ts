import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Generation } from '../engine/types.ts';
import { isUserError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import { createEventStream } from './event-stream.ts';
import type { JsonLines } from './json-lines.ts';
import type { LoggedRequest } from './logs.ts';
import type { ServerMetrics } from './metrics.ts';
import type { PreparedRequest, ServedModel } from './prepare.ts';
import type { Scheduler } from './scheduler.ts';
import type { AnswerHeader, TokenLogprob } from './shapes.ts';
import { createTextStream } from './text-stream.ts';

/** What answering needs besides the request. */
export interface Answering {
  readonly model: ServedModel;
  readonly scheduler: Scheduler;
  readonly metrics: ServerMetrics;
  readonly requests: JsonLines<LoggedRequest>;
  /** Whether inputs and outputs go to the request log. */
  readonly logText: boolean;
}

/** Checks one request, answers it whole or as server-sent events, and logs it whatever becomes of it. */
export async function answer(
  endpoint: LoggedRequest['endpoint'],
  prepare: (body: unknown, model: ServedModel) => PreparedRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  answering: Answering,
): Promise<void> {
  const stopwatch = createStopwatch(answering.metrics);
  const log = newLogEntry(request.id, answering.model.names[0]!, endpoint);
  const settle = async () => {
    log.latencyMs = stopwatch.elapsedMs();
    log.timeToFirstTokenMs = stopwatch.firstTokenMs();
    answering.metrics.finished(log);
    await answering.requests.append(log);
  };
  try {
    const prepared = prepare(request.body, answering.model);
    log.stream = prepared.stream;
    log.promptTokens = prepared.prompt.length;
    if (answering.logText) log.input = prepared.input;
    const header = { id: request.id, created: Math.floor(Date.now() / 1000), model: answering.model.names[0]! };
    const sending: Sending = { prepared, header, reply, answering, stopwatch, generated };
    await (prepared.stream ? sendStream(sending) : sendWhole(sending));
  } catch (error) {
    if (log.finishReason !== null) throw error;
    log.status = clientLeft(reply) ? 499 : error instanceof ApiError ? error.status : isUserError(error) ? 400 : 500;
    log.error = error instanceof Error ? error.message : String(error);
    await settle();
    if (!reply.sent) throw error;
  }

  /** Logs a whole answer before its last byte is sent, so that feedback on it never comes too early. */
  async function generated(generation: Generation): Promise<void> {
    log.completionTokens = generation.tokens.length;
    log.finishReason = generation.finishReason;
    if (answering.logText) log.output = generation.text;
    await settle();
  }
}

interface Sending {
  prepared: PreparedRequest;
  header: AnswerHeader;
  reply: FastifyReply;
  answering: Answering;
  stopwatch: Stopwatch;
  generated(generation: Generation): Promise<void>;
}

async function sendWhole({ prepared, header, reply, answering, stopwatch, generated }: Sending): Promise<void> {
  const { scheduler, model } = answering;
  const generation = await scheduler.submit({
    prompt: prepared.prompt,
    options: prepared.options,
    signal: abortedWhenClosed(reply),
    onToken: () => stopwatch.token(),
  });
  const logprobs = prepared.logprobs
    ? generation.tokens.map((id, i) => tokenLogprob(model, id, generation.logprobs[i]!))
    : undefined;
  await generated(generation);
  await reply.send(prepared.shape.whole(header, generation, logprobs));
}

async function sendStream({ prepared, header, reply, answering, stopwatch, generated }: Sending): Promise<void> {
  const { scheduler, model } = answering;
  const { shape } = prepared;
  const text = createTextStream(model.generator.tokenizer, prepared.options.stop ?? []);
  const events = createEventStream(reply);
  let logprobs: TokenLogprob[] | undefined = prepared.logprobs ? [] : undefined;
  const sendDelta = (delta: string) => {
    if (delta === '') return;
    events.open(shape.opening(header));
    events.send(shape.delta(header, delta, logprobs));
    if (prepared.logprobs) logprobs = [];
  };
  try {
    const generation = await scheduler.submit({
      prompt: prepared.prompt,
      options: prepared.options,
      signal: abortedWhenClosed(reply),
      onToken(id, logprob) {
        stopwatch.token();
        logprobs?.push(tokenLogprob(model, id, logprob));
        sendDelta(text.push(id));
      },
    });
    events.open(shape.opening(header));
    sendDelta(text.finish(generation.text));
    await generated(generation);
    events.send(shape.closing(header, generation.finishReason));
    if (prepared.includeUsage) events.send(shape.usage(header, generation));
    events.close();
  } catch (error) {
    events.fail(error);
    throw error;
  }
}

function newLogEntry(id: string, model: string, endpoint: LoggedRequest['endpoint']): LoggedRequest {
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

interface Stopwatch {
  token(): void;
  elapsedMs(): number;
  firstTokenMs(): number | null;
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

function abortedWhenClosed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const check = () => clientLeft(reply) && controller.abort();
  reply.raw.once('close', check);
  check();
  return controller.signal;
}

function clientLeft(reply: FastifyReply): boolean {
  return reply.raw.destroyed && !reply.raw.writableFinished;
}

function tokenLogprob(model: ServedModel, id: number, logprob: number): TokenLogprob {
  const token = model.generator.tokenizer.decode([id]);
  return { token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] };
}
