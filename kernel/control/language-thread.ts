import { Worker } from 'node:worker_threads';
import type { LanguageAnswers, LanguageRequest } from '../language/messages.ts';

type Added = Extract<LanguageRequest, { method: 'add' }>;

/** The language thread as the session sees it. */
export interface LanguageThread {
  ask<R extends LanguageRequest>(request: R): Promise<LanguageAnswers[R['method']]>;
  /** Tells of a cell that has run. Cheap: nothing is started for it. */
  add(cell: Added): void;
  /** Starts the thread ahead of the first question. */
  start(): void;
}

/** Starts the thread at the first question; a notebook that is only run never pays for it. */
export function createLanguageThread(folder: string): LanguageThread {
  const waiting = new Map<number, (answer: never) => void>();
  /** Cells that ran before the thread was started. */
  let early: Added[] = [];
  let worker: Worker | undefined;
  let lastId = 0;

  function running(): Worker {
    if (worker !== undefined) return worker;
    worker = new Worker(new URL('./language.js', import.meta.url), { workerData: { folder } });
    worker.on('message', ({ id, answer }: { id: number; answer: never }) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    for (const cell of early) post(worker, cell);
    early = [];
    return worker;
  }

  function post(to: Worker, request: LanguageRequest): number {
    to.postMessage({ id: ++lastId, request });
    return lastId;
  }

  return {
    start: () => void running(),
    add(cell) {
      if (worker === undefined) early.push(cell);
      else post(worker, cell);
    },
    ask: (request) =>
      new Promise((resolve) => {
        waiting.set(post(running(), request), resolve);
      }),
  };
}
