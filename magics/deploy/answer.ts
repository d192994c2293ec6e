import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenChoice } from '../engine/types.ts';
import { abortedWhenClosed } from './client-left.ts';
import { createEventStream } from './event-stream.ts';
import type { JsonLines } from './json-lines.ts';
import type { LoggedRequest } from './logs.ts';
import type { ServerMetrics } from './metrics.ts';
import type { PreparedRequest, ServedModel } from './prepare.ts';
import { logged, type Stopwatch } from './request-log.ts';
import type { GenerationRequest, Scheduler } from './scheduler.ts';
import type { AnswerHeader, TokenLogprob } from './shapes.ts';
import { createTextStream } from './text-stream.ts';
import { type Answer, answerWithTools } from './tools/answer-with-tools.ts';
import type { ToolCall } from './tools/tool-plan.ts';

/** What answering needs besides the request. */
export interface Answering {
  readonly model: ServedModel;
  readonly scheduler: Scheduler;
  readonly metrics: ServerMetrics;
  readonly requests: JsonLines<LoggedRequest>;
  /** Whether inputs and outputs go to the request log. */
  readonly logText: boolean;
}

/** Checks one request, answers it whole or as server-sent events, and logs it. */
export async function answer(
  endpoint: LoggedRequest['endpoint'],
  prepare: (body: unknown, model: ServedModel) => PreparedRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  answering: Answering,
): Promise<void> {
  await logged(endpoint, request, reply, answering, async ({ log, stopwatch, settle }) => {
    const prepared = prepare(request.body, answering.model);
    log.stream = prepared.stream;
    log.promptTokens = prepared.prompt.length;
    if (answering.logText) log.input = prepared.input;
    const header = { id: request.id, created: Math.floor(Date.now() / 1000), model: prepared.modelName };
    const sending: Sending = { prepared, header, reply, answering, stopwatch, generated };
    await (prepared.stream ? sendStream(sending) : sendWhole(sending));

    /** Logs a whole answer before its last byte is sent, so that feedback on it never comes too early. */
    async function generated({ tokens, finishReason, text, toolCalls = [] }: Answer): Promise<void> {
      log.completionTokens = tokens.length;
      log.finishReason = finishReason;
      const called = toolCalls.map((call) => `${call.function.name}(${call.function.arguments})`);
      if (answering.logText) log.output = [text, ...called].filter(Boolean).join('\n');
      await settle();
    }
  });
}

interface Sending {
  prepared: PreparedRequest;
  header: AnswerHeader;
  reply: FastifyReply;
  answering: Answering;
  stopwatch: Stopwatch;
  generated(answer: Answer): Promise<void>;
}

/** Has an answer made, with calls of functions where the request has some. */
function generate(
  { prepared: { prompt, options, tools: plan }, reply, answering: { scheduler, model }, stopwatch }: Sending,
  onToken: GenerationRequest['onToken'],
  onCall: (call: ToolCall, index: number) => void = () => undefined,
): Promise<Answer> {
  const request: GenerationRequest = {
    prompt,
    options,
    signal: abortedWhenClosed(reply),
    onToken(...token) {
      stopwatch.token();
      onToken(...token);
    },
  };
  if (plan === undefined) return scheduler.submit(request);
  const onCallToken = () => stopwatch.token();
  return answerWithTools({ ...request, plan, onCallToken, onCall }, model.generator.tokenizer, scheduler.submit);
}

async function sendWhole(sending: Sending): Promise<void> {
  const { prepared, header, reply, answering, generated } = sending;
  const logprobs: TokenLogprob[] = [];
  const answer = await generate(sending, (...token) => {
    if (prepared.logprobs) logprobs.push(tokenLogprob(answering.model, ...token));
  });
  await generated(answer);
  await reply.send(prepared.shape.whole(header, answer, prepared.logprobs ? logprobs : undefined));
}

async function sendStream(sending: Sending): Promise<void> {
  const { prepared, header, reply, answering, generated } = sending;
  const { model } = answering;
  const { shape } = prepared;
  const text = createTextStream(model.generator.tokenizer, heldBack(prepared));
  const events = createEventStream(reply);
  // Where nothing marks a call, only its beginning tells it from an answer in words.
  let isText = prepared.tools?.format.open !== '';
  let held = '';
  let logprobs: TokenLogprob[] | undefined = prepared.logprobs ? [] : undefined;
  const sendDelta = (delta: string) => {
    if (delta === '') return;
    events.open(shape.opening(header));
    events.send(shape.delta(header, delta, logprobs));
    if (prepared.logprobs) logprobs = [];
  };
  try {
    const calls: object[] = [];
    const answer = await generate(
      sending,
      (id, logprob, top) => {
        logprobs?.push(tokenLogprob(model, id, logprob, top));
        held += text.push(id);
        isText ||= /^\s*[^\s{[]/.test(held);
        if (!isText) return;
        sendDelta(held);
        held = '';
      },
      (call, index) => calls.push(shape.call(header, call, index)),
    );
    events.open(shape.opening(header));
    if (calls.length === 0) sendDelta(held);
    sendDelta(text.finish(answer.text));
    await generated(answer);
    for (const call of calls) events.send(call);
    events.send(shape.closing(header, answer));
    if (prepared.includeUsage) events.send(shape.usage(header, answer));
    events.close();
  } catch (error) {
    events.fail(error);
    throw error;
  }
}

/** Texts of which a stream gives out no part before they are known to be something else. */
function heldBack({ options, tools }: PreparedRequest): string[] {
  const marker = tools?.format.open.trim() ?? '';
  return [...(options.stop ?? []), ...(marker === '' ? [] : [marker])];
}

function tokenLogprob(model: ServedModel, id: number, logprob: number, top: readonly TokenChoice[] = []): TokenLogprob {
  const describe = (choice: TokenChoice) => {
    const token = model.generator.tokenizer.decode([choice.id]);
    return { token, logprob: choice.logprob, bytes: [...Buffer.from(token)] };
  };
  return { ...describe({ id, logprob }), top_logprobs: top.map(describe) };
}
