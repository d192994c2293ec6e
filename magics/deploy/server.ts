import { randomUUID } from 'node:crypto';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { DeviceFailed } from '../engine/device-session.ts';
import { addAdapters } from './adapters.ts';
import { type Answering, answer } from './answer.ts';
import { ApiError, isRequestAtFault, modelNotFound, requestNotFound, wrongKey } from './api-error.ts';
import { addEmbeddings } from './embeddings.ts';
import { isSameKey } from './key.ts';
import type { DeploymentFiles } from './logs.ts';
import { createServerMetrics } from './metrics.ts';
import { prepareChat, prepareCompletion, type ServedModel } from './prepare.ts';
import { feedbackRequest, parseBody } from './requests.ts';
import { createScheduler } from './scheduler.ts';
import { findCallFormat } from './tools/call-format.ts';

export interface ServerOptions {
  model: ServedModel;
  apiKey: string;
  files: Pick<DeploymentFiles, 'requests' | 'feedback'>;
  /** False leaves inputs and outputs out of the request log. */
  logText: boolean;
  /** Requests that may wait; one more is refused with 503. */
  capacity: number;
  /** Prompts decoded together. */
  maxBatch: number;
}

const maxBodyBytes = 1024 * 1024;

/**
 * An OpenAI-compatible server for one model: /v1/models, /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/feedback
 * and those for adapters, which ask for the key, and /health and /metrics, which do not. It listens once its `listen` is
 * called.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const { files } = options;
  const model = { callFormat: findCallFormat(options.model.generator.tokenizer), ...options.model };
  const scheduler = createScheduler(model.generator, options);
  const metrics = createServerMetrics(model.names[0]!, () => scheduler);
  const answering: Answering = { model, scheduler, metrics, requests: files.requests, logText: options.logText };
  const server = fastify({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    genReqId: (request) => `${idPrefix(request.url ?? '')}-${randomUUID().replaceAll('-', '')}`,
  });
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/v1') && !hasKey(request.headers.authorization, options.apiKey)) throw wrongKey();
  });
  server.setErrorHandler((error: FastifyError, _request, reply) => sendError(error, reply));
  server.setNotFoundHandler((request) => {
    throw new ApiError(404, `Unknown request URL: ${request.method} ${request.url}.`, { code: 'unknown_url' });
  });

  server.get('/health', async () => ({ status: 'ok', model: model.names[0] }));
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  server.post('/v1/chat/completions', (request, reply) => answer('chat', prepareChat, request, reply, answering));
  server.post('/v1/completions', (request, reply) =>
    answer('completions', prepareCompletion, request, reply, answering),
  );
  addEmbeddings(server, answering, options);
  addModels(server, model);
  addAdapters(server, model);
  addFeedback(server, files);
  return server;
}

/** What ids of requests begin with, as OpenAI's do. */
function idPrefix(url: string): string {
  if (url.includes('/embeddings')) return 'embd';
  return url.includes('/chat/') ? 'chatcmpl' : 'cmpl';
}

function addModels(server: FastifyInstance, model: ServedModel): void {
  const created = Math.floor(Date.now() / 1000);
  const describe = (id: string) => ({ id, object: 'model', created, owned_by: 'llmops' });
  const served = () => [...model.names, ...model.generator.adapters];
  server.get('/v1/models', async () => ({ object: 'list', data: served().map(describe) }));
  server.get<{ Params: { id: string } }>('/v1/models/:id', async ({ params }) => {
    if (!served().includes(params.id)) throw modelNotFound(params.id, served());
    return describe(params.id);
  });
}

function addFeedback(server: FastifyInstance, files: ServerOptions['files']): void {
  server.post('/v1/feedback', async (request) => {
    const { request_id: requestId, ...rest } = parseBody(feedbackRequest, request.body);
    const known = await files.requests.read();
    if (!known.some((entry) => entry.id === requestId)) throw requestNotFound(requestId);
    await files.feedback.append({ time: new Date().toISOString(), requestId, ...rest });
    return { object: 'feedback', request_id: requestId, ...rest };
  });
}

function hasKey(authorization: string | undefined, key: string): boolean {
  const given = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && isSameKey(given, key);
}

function sendError(error: FastifyError, reply: FastifyReply): FastifyReply {
  const known = asApiError(error);
  if (known.retryAfterSeconds !== undefined) reply.header('retry-after', known.retryAfterSeconds);
  return reply.code(known.status).send(known.body());
}

/** The error for the client. Unexpected ones keep their detail for the server's own log. */
function asApiError(error: FastifyError): ApiError {
  const { statusCode: status = 500, message } = error;
  if (error instanceof ApiError) return error;
  if (isRequestAtFault(error)) return new ApiError(400, error.message);
  if (error instanceof DeviceFailed) return new ApiError(500, error.message);
  if (status === 413) return new ApiError(413, `The request body is larger than ${maxBodyBytes} bytes.`);
  if (status < 500) return new ApiError(status, `The request cannot be read: ${message}.`);
  console.error(error);
  return new ApiError(500, 'The server failed while answering. Its log has the details.');
}
