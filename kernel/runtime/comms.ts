import { randomUUID } from 'node:crypto';
import type { CommMessage } from '../protocol.ts';
import type { FromMain } from '../threads.ts';

/** What comes with a comm's message. */
export interface CommContent {
  readonly data: unknown;
  readonly metadata: Record<string, unknown>;
  readonly buffers: Uint8Array[];
}

/** A conversation with the client, from a cell's side. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, options?: Partial<Omit<CommContent, 'data'>>): void;
  close(data?: unknown): void;
  /** Called with each message of the client. */
  onMessage?: (content: CommContent) => void;
  /** Called when the client closes. */
  onClose?: (data: unknown) => void;
}

/** `comms` in cells: opens conversations, and takes those that clients open. */
export interface Comms {
  open(target: string, data?: unknown, options?: Partial<Omit<CommContent, 'data'>>): Comm;
  /** `accept` is called for each comm that a client opens to `target`. */
  register(target: string, accept: (comm: Comm, content: CommContent) => void): void;
}

/** Passes comm messages between cells' code and the client. `parent` names the request of the running cell. */
export function createComms(
  parent: () => string,
  post: (message: FromMain) => void,
): { comms: Comms; receive(message: CommMessage): void } {
  const targets = new Map<string, (comm: Comm, content: CommContent) => void>();
  const open = new Map<string, Comm>();
  const say = (message: CommMessage) => post({ type: 'comm', parent: parent(), message });

  function createComm(id: string, target: string): Comm {
    const comm: Comm = {
      id,
      target,
      send: (data, options) => say({ action: 'message', commId: id, data, ...options }),
      close(data = {}) {
        if (open.delete(id)) say({ action: 'close', commId: id, data });
      },
    };
    open.set(id, comm);
    return comm;
  }

  function receive({ action, commId, target = '', data, metadata = {}, buffers = [] }: CommMessage): void {
    const content = { data, metadata, buffers };
    if (action === 'message') open.get(commId)?.onMessage?.(content);
    else if (action === 'close') {
      const closed = open.get(commId);
      open.delete(commId);
      closed?.onClose?.(data);
    } else {
      const accept = targets.get(target);
      // Nobody waits for it: the protocol's answer is to close it at once.
      if (accept === undefined) say({ action: 'close', commId, data: {} });
      else accept(createComm(commId, target), content);
    }
  }

  return {
    receive,
    comms: {
      open(target, data = {}, options) {
        const comm = createComm(randomUUID(), target);
        say({ action: 'open', commId: comm.id, target, data, ...options });
        return comm;
      },
      register: (target, accept) => void targets.set(target, accept),
    },
  };
}
