import type { FastifyReply } from 'fastify';
import { Interrupted } from '../errors.ts';

/** Whether the client went away before its answer was whole. */
export function clientLeft(reply: FastifyReply): boolean {
  return reply.raw.destroyed && !reply.raw.writableFinished;
}

/** Aborted, with Interrupted as its reason, when the client goes away. */
export function abortedWhenClosed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const check = () => clientLeft(reply) && controller.abort(new Interrupted('The client closed the connection.'));
  reply.raw.once('close', check);
  check();
  return controller.signal;
}
