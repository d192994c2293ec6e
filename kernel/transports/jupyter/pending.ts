import { createRecent } from '../../control/recent.ts';
import type { CellError } from '../../protocol.ts';
import type { Channel } from './outlet.ts';
import type { JupyterMessage } from './wire.ts';

/** A client's request that the session is working on. */
export interface Pending {
  readonly message: JupyterMessage;
  readonly channel: Channel;
  /** Whether its cell has begun: one that never does was aborted. */
  started: boolean;
  error?: CellError;
  /** What the reply carries besides its status. */
  content: Record<string, unknown>;
  /** Texts for the client's pager. */
  readonly payload: object[];
  /** Values of the request's `user_expressions`. */
  expressions: Record<string, object>;
}

/** Requests by message id. Cells that have ended stay known for a while: their timers may still print, or fail. */
export interface PendingRequests {
  add(channel: Channel, message: JupyterMessage): void;
  find(id: string): Pending | undefined;
  finish(request: Pending): void;
}

export function createPendingRequests(): PendingRequests {
  const requests = new Map<string, Pending>();
  const ended = createRecent<string, Pending>(1000);
  const idOf = (request: Pending) => request.message.header.msg_id;
  return {
    add: (channel, message) =>
      void requests.set(message.header.msg_id, {
        message,
        channel,
        started: false,
        content: {},
        payload: [],
        expressions: {},
      }),
    find: (id) => requests.get(id) ?? ended.get(id),
    finish(request) {
      requests.delete(idOf(request));
      if (request.started) ended.set(idOf(request), request);
    },
  };
}
