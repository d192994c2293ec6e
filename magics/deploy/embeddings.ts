import type { FastifyInstance } from 'fastify';
import { embeddedSequence } from '../engine/embedded-sequence.ts';
import type { EmbeddedSequence } from '../engine/types.ts';
import type { Answering } from './answer.ts';
import { ApiError, invalidField, queueFull } from './api-error.ts';
import { abortedWhenClosed } from './client-left.ts';
import { type ServedModel, servedAs } from './prepare.ts';
import { logged } from './request-log.ts';
import { embeddingsRequest, parseBody } from './requests.ts';

/** What a request for embeddings asks for, checked and in the engine's terms. */
interface PreparedEmbeddings {
  sequences: readonly EmbeddedSequence[];
  adapter: string | undefined;
  modelName: string;
  isBase64: boolean;
}

/**
 * OpenAI's /v1/embeddings: the mean of the last hidden states over a text's tokens, of length 1. Texts are embedded a
 * batch at a time, between the steps of answers that are being decoded; `capacity` requests may wait for each other.
 */
export function addEmbeddings(
  server: FastifyInstance,
  answering: Answering,
  { capacity, maxBatch }: { capacity: number; maxBatch: number },
): void {
  const { generator } = answering.model;
  let present = 0;

  async function embed({ sequences, adapter }: PreparedEmbeddings, signal: AbortSignal): Promise<Float32Array[]> {
    if (present > capacity) throw queueFull(present - 1);
    present++;
    try {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < sequences.length; start += maxBatch) {
        signal.throwIfAborted();
        vectors.push(...(await generator.embed(sequences.slice(start, start + maxBatch), { adapter })));
      }
      return vectors.map(unitLength);
    } finally {
      present--;
    }
  }

  server.post('/v1/embeddings', (request, reply) =>
    logged('embeddings', request, reply, answering, async ({ log, settle }) => {
      const prepared = prepareEmbeddings(request.body, answering.model);
      const tokens = prepared.sequences.reduce((sum, { ids }) => sum + ids.length, 0);
      // The texts stay out of the log: documents that are embedded are no questions, which drift is measured on.
      log.promptTokens = tokens;
      const vectors = await embed(prepared, abortedWhenClosed(reply));
      Object.assign(log, { completionTokens: 0, finishReason: 'stop' });
      await settle();
      await reply.send({
        object: 'list',
        data: vectors.map((vector, index) => ({
          object: 'embedding',
          index,
          embedding: prepared.isBase64 ? toBase64(vector) : Array.from(vector),
        })),
        model: prepared.modelName,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      });
    }),
  );
}

function prepareEmbeddings(body: unknown, model: ServedModel): PreparedEmbeddings {
  const request = parseBody(embeddingsRequest, body);
  const { contextTokens, tokenizer } = model.generator;
  const sequences = request.input.map((text) =>
    typeof text === 'string' ? embeddedSequence(text, tokenizer) : { ids: text, from: 0 },
  );
  for (const [i, { ids, from }] of sequences.entries()) {
    if (ids.length === from) throw nothingToEmbed(i);
    if (ids.length > contextTokens) throw textTooLong(i, ids.length, contextTokens);
  }
  return { sequences, ...servedAs(request.model, model), isBase64: request.encoding_format === 'base64' };
}

function unitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** float32, little-endian. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.byteLength);
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4);
  return bytes.toString('base64');
}

function nothingToEmbed(place: number): ApiError {
  return invalidField('input', `Input ${place} has no text to embed. Leave it out.`);
}

function textTooLong(place: number, tokens: number, contextTokens: number): ApiError {
  return new ApiError(
    400,
    `Input ${place} has ${tokens} tokens, but this model's context holds ${contextTokens}. Embed it in parts.`,
    { code: 'context_length_exceeded', param: 'input' },
  );
}
