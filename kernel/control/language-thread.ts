import { Worker } from 'node:worker_threads';
import type {
  LanguageAnswer,
  LanguageMethod,
  LanguageQuestion,
  LanguageRequest,
  LateCheck,
  RanCell,
} from '../language/messages.ts';
import { threadLimits } from '../threads.ts';

/** The language thread as the session sees it. */
export interface LanguageThread {
  /** Rejects when the language service fails: that is a fault of ours. */
  ask<Q extends LanguageQuestion>(question: Q): Promise<LanguageAnswer<Q['method']>>;
  /** Checks a cell in a pause, below the cells that have run until now. */
  check(cell: Omit<LateCheck, 'method'>): Promise<LanguageAnswer<'diagnose'>>;
  /** Tells of a cell that has run. Cheap: the thread hears of it at the next question, or in a pause. */
  ran(cell: RanCell): void;
  /** To be called in a pause: starts the thread ahead of the first question, and tells it what has run. */
  catchUp(): void;
}

/** Starts the thread at the first question; a notebook that is only run never pays for it. */
export function createLanguageThread(folder: string): LanguageThread {
  const waiting = new Map<number, (message: Answered) => void>();
  /** Cells that have run, and checks that were asked for between them, in order. */
  const steps: (RanCell | WaitingCheck)[] = [];
  /** How many of the steps the thread has been told. */
  let told = 0;
  let worker: Worker | undefined;
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(new URL('./language.js', import.meta.url), {
      workerData: { folder },
      resourceLimits: threadLimits,
    });
    started.on('message', (message: Answered) => {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    });
    // It ran out of memory, say. The next one starts from what has run.
    started.on('error', (error) => {
      worker = undefined;
      told = 0;
      for (const [id, answer] of waiting) answer({ id, error: String(error) });
      waiting.clear();
    });
    return started;
  }

  function post(request: LanguageRequest): number {
    worker?.postMessage({ id: ++lastId, request });
    return lastId;
  }

  function catchUp(): void {
    worker ??= start();
    for (; told < steps.length; told++) {
      const step = steps[told]!;
      if (step.method === 'ran') post(step);
      else if (step.isNew) pose({ method: 'check', cellId: step.cellId, code: step.code }, step);
      // Another thread, in the place of one that has failed, is told of the cells alone.
      if (step.method === 'check') step.isNew = false;
    }
  }

  const pose = <M extends LanguageMethod>(question: LanguageQuestion | LateCheck, { resolve, reject }: Settling<M>) =>
    waiting.set(post(question), ({ answer, error }) => {
      if (answer !== undefined) resolve(answer);
      else reject(new Error(`The language service failed.\n${error}`));
    });

  return {
    catchUp,
    ran: (cell) => void steps.push(cell),
    ask: (question) =>
      new Promise((resolve, reject) => {
        catchUp();
        pose(question, { resolve, reject });
      }),
    check: (cell) =>
      new Promise((resolve, reject) => {
        steps.push({ ...cell, method: 'check', isNew: true, resolve, reject });
      }),
  };
}

interface Settling<M extends LanguageMethod> {
  resolve(answer: LanguageAnswer<M>): void;
  reject(error: Error): void;
}

interface WaitingCheck extends LateCheck, Settling<'diagnose'> {
  isNew: boolean;
}

interface Answered {
  readonly id: number;
  readonly answer?: never;
  /** When there is no answer. */
  readonly error?: string;
}
