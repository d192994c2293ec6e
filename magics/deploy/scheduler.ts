import type { GenerateOptions, Generation, Generator, TokenChoice } from '../engine/types.ts';
import { Interrupted } from '../errors.ts';
import { queueFull } from './api-error.ts';

/** One prompt to answer. */
export interface GenerationRequest {
  prompt: readonly number[];
  options: Omit<GenerateOptions, 'signal' | 'onToken'>;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  onToken(id: number, logprob: number, top: readonly TokenChoice[]): void;
  /** It goes on with an answer that has begun, so it is the next to be taken and is never refused. */
  goesOn?: boolean;
}

/**
 * Hands requests to one generator, first come first served. It decodes those that run at the same time together; a
 * request joins as soon as another has ended, each with its own options.
 */
export interface Scheduler {
  readonly running: number;
  readonly waiting: number;
  /** Rejects with a 503 when the queue is full, and with Interrupted as soon as the signal is aborted. */
  submit(request: GenerationRequest): Promise<Generation>;
}

interface Waiting extends GenerationRequest {
  resolve(generation: Generation): void;
  reject(error: unknown): void;
}

/** Creates a scheduler. `capacity`: requests that may wait; `maxBatch`: prompts decoded together. */
export function createScheduler(
  generator: Pick<Generator, 'generate'>,
  { capacity, maxBatch }: { capacity: number; maxBatch: number },
): Scheduler {
  const queue: Waiting[] = [];
  let running = 0;

  const startNext = (): void => {
    while (running < maxBatch && queue.length > 0) {
      running++;
      void answer(generator, queue.shift()!).finally(() => {
        running--;
        startNext();
      });
    }
  };

  return {
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
    submit(request) {
      const goesOn = request.goesOn === true;
      if (!goesOn && queue.length >= capacity) return Promise.reject(queueFull(queue.length));
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { ...request, resolve, reject };
        if (goesOn) queue.unshift(waiting);
        else queue.push(waiting);
        request.signal.addEventListener('abort', () => leave(queue, waiting), { once: true });
        if (request.signal.aborted) leave(queue, waiting);
        startNext();
      });
    },
  };
}

function leave(queue: Waiting[], waiting: Waiting): void {
  const place = queue.indexOf(waiting);
  if (place >= 0) queue.splice(place, 1);
  waiting.reject(new Interrupted('The client closed the connection.'));
}

/** Settles one request, whatever becomes of it. */
async function answer(generator: Pick<Generator, 'generate'>, request: Waiting): Promise<void> {
  const { prompt, options, signal } = request;
  try {
    const onToken: GenerateOptions['onToken'] = (_row, ...token) => request.onToken(...token);
    const [generation] = await generator.generate([prompt], { ...options, signal, onToken });
    request.resolve(generation!);
  } catch (error) {
    request.reject(error);
  }
}
