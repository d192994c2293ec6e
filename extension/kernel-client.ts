import { randomUUID } from 'node:crypto';
import type { KernelEvent, Request } from '../kernel/protocol.ts';
import { type KernelExit, kernelDied } from './errors.ts';
import { type KernelOptions, type KernelProcess, spawnKernel } from './kernel-process.ts';
import { createLineReader } from './lines.ts';

type WithoutId<R> = R extends unknown ? Omit<R, 'id'> : never;
/** A request before the client has numbered it. */
export type NewRequest = WithoutId<Request>;
/** An event that belongs to a request. */
export type ReplyEvent = Extract<KernelEvent, { parent: string }>;
export type FinishedEvent = Extract<KernelEvent, { type: 'finished' }>;

export interface KernelClientOptions extends KernelOptions {
  /** Gets the events whose request has finished (a timer that prints), and `unresponsive`. */
  onLateEvent?(event: KernelEvent): void;
}

/** A running kernel. When it dies, the requests under way reject with `kernelDied`. */
export interface KernelClient {
  readonly pid: number;
  /** Sends a request; resolves to its `finished` event. `onEvent` sees every event of it with the request's id. */
  request(request: NewRequest, onEvent?: (event: ReplyEvent) => void): Promise<FinishedEvent>;
  /** Sends without waiting for an answer: `input_reply`. */
  notify(request: NewRequest): void;
  /** Reads no events until the promise settles, so that a fast writer waits for a slow screen. */
  holdUntil(promise: Promise<unknown>): void;
  /** Resolves once the process has gone, however it went. */
  readonly exited: Promise<KernelExit>;
  /** Asks the kernel to end, and kills it after a second. */
  stop(): Promise<void>;
}

/** Starts a kernel and resolves when cells can run. Rejects with `kernelNotStarted`, which tells what the process wrote. */
export async function startKernel(options: KernelClientOptions): Promise<KernelClient> {
  const kernel = await spawnKernel(options);
  const pending = createPendingRequests(options.onLateEvent);
  kernel.socket.on(
    'data',
    createLineReader((line) => pending.receive(JSON.parse(line))),
  );
  kernel.socket.on('error', () => kernel.socket.destroy());
  let exit: KernelExit | undefined;
  void kernel.exited.then((how) => {
    exit = how;
    pending.rejectAll(how);
    kernel.socket.destroy();
  });
  await kernel.withinStart(pending.ready);

  const send = (request: NewRequest) => {
    const id = randomUUID();
    kernel.socket.write(`${JSON.stringify({ ...request, id })}\n`);
    return id;
  };
  return {
    pid: kernel.pid,
    exited: kernel.exited,
    request: async (request, onEvent) => {
      if (exit !== undefined) throw kernelDied(exit);
      return pending.add(send(request), onEvent);
    },
    notify: (request) => void send(request),
    holdUntil: (promise) => {
      kernel.socket.pause();
      const resume = () => void kernel.socket.resume();
      promise.then(resume, resume);
    },
    stop: () => stopKernel(kernel, () => send({ method: 'shutdown' })),
  };
}

interface PendingRequest {
  onEvent?: (event: ReplyEvent) => void;
  resolve(event: FinishedEvent): void;
  reject(error: Error): void;
}

/** Matches events to the requests that wait for them. */
function createPendingRequests(onLateEvent?: (event: KernelEvent) => void) {
  const requests = new Map<string, PendingRequest>();
  let markReady = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  return {
    ready,
    add: (id: string, onEvent?: PendingRequest['onEvent']) =>
      new Promise<FinishedEvent>((resolve, reject) => requests.set(id, { onEvent, resolve, reject })),
    receive: (event: KernelEvent) => {
      if (event.type === 'ready') return markReady();
      if (event.type === 'unresponsive') return onLateEvent?.(event);
      const request = requests.get(event.parent);
      if (request === undefined) return onLateEvent?.(event);
      request.onEvent?.(event);
      if (event.type !== 'finished') return;
      requests.delete(event.parent);
      request.resolve(event);
    },
    rejectAll: (exit: KernelExit) => {
      for (const request of requests.values()) request.reject(kernelDied(exit));
      requests.clear();
    },
  };
}

async function stopKernel(kernel: KernelProcess, shutdown: () => void): Promise<void> {
  shutdown();
  const timer = setTimeout(() => kernel.kill(), 1000);
  await kernel.exited;
  clearTimeout(timer);
}
