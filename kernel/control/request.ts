import type { KernelEvent, Request } from '../protocol.ts';

/** Asks for a cell to be run. */
export type ExecuteRequest = Extract<Request, { method: 'execute' }>;

/** An event of one request, before the session has added the request's id. */
export type RequestEvent = WithoutParent<Exclude<KernelEvent, { type: 'ready' | 'unresponsive' }>>;
type WithoutParent<E> = E extends unknown ? Omit<E, 'parent'> : never;
