import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.ts';

/** Server-sent events as OpenAI's API streams them: `data: JSON`, then `data: [DONE]`. */
export interface EventStream {
  /** Sends the head and the opening chunks, once. Until then an error can still be answered with its own status. */
  open(opening: readonly object[]): void;
  send(chunk: object): void;
  close(): void;
  fail(error: unknown): void;
}

/** An event stream over one reply. */
export function createEventStream(reply: FastifyReply): EventStream {
  const write = (data: string) => reply.raw.write(`data: ${data}\n\n`);
  return {
    open(opening) {
      if (reply.sent) return;
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'x-request-id': String(reply.getHeader('x-request-id')),
      });
      for (const chunk of opening) write(JSON.stringify(chunk));
    },
    send: (chunk) => write(JSON.stringify(chunk)),
    close() {
      write('[DONE]');
      reply.raw.end();
    },
    fail(error) {
      if (!reply.sent || reply.raw.destroyed) return;
      const known = error instanceof ApiError ? error : new ApiError(500, 'The server failed while answering.');
      write(JSON.stringify(known.body()));
      reply.raw.end();
    },
  };
}
