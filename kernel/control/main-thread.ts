import type { MessagePort } from 'node:worker_threads';
import type { FromMain, ToMain } from '../threads.ts';
import { stopNewestChild } from './newest-child.ts';

/** The control thread's line to the main thread. */
export interface MainThread {
  send(message: ToMain): void;
  onMessage(handle: (message: FromMain) => void): void;
  /** Resolves to whether the main thread answers within `timeoutMs`; `timer`: out of a timer callback. */
  answers(timeoutMs: number, options?: { timer?: boolean }): Promise<boolean>;
  /** Ends the process, by force when the main thread does not do it within half a second. */
  exit(): void;
}

/** Wraps the worker's port. */
export function createMainThread(port: MessagePort): MainThread {
  const pings = new Map<number, () => void>();
  let lastPing = 0;
  const send = (message: ToMain) => port.postMessage(message);
  port.on('message', (message: FromMain) => {
    if (message.type !== 'pong') return;
    pings.get(message.id)?.();
    pings.delete(message.id);
  });
  return {
    send,
    onMessage: (handle) => port.on('message', handle),
    answers(timeoutMs, { timer = false } = {}) {
      const id = ++lastPing;
      return new Promise((resolve) => {
        const timeout = setTimeout(() => {
          pings.delete(id);
          resolve(false);
        }, timeoutMs);
        pings.set(id, () => {
          clearTimeout(timeout);
          resolve(true);
        });
        send({ type: 'ping', id, timer });
      });
    },
    exit() {
      send({ type: 'exit' });
      setTimeout(() => {
        stopNewestChild();
        process.kill(process.pid, 'SIGKILL');
      }, 500);
    },
  };
}
