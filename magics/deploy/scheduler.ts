import type { GenerateOptions, Generation, Generator } from '../engine/types.ts';
import { Interrupted } from '../errors.ts';
import { queueFull } from './api-error.ts';

/** One prompt to answer. */
export interface GenerationRequest {
  prompt: readonly number[];
  options: Pick<GenerateOptions, 'maxNewTokens' | 'temperature' | 'topP' | 'seed' | 'stop'>;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  onToken(id: number, logprob: number): void;
}

/**
 * Answers requests through one generator, first come first served. Greedy requests with the same options that wait
 * together are decoded as one batch; sampled ones run alone, so that a seed gives the same text at any load.
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
  let running: readonly Waiting[] = [];

  async function drain(): Promise<void> {
    if (running.length > 0) return;
    while (queue.length > 0) {
      running = takeBatch(queue, maxBatch);
      await answer(generator, running);
    }
    running = [];
  }

  return {
    get running() {
      return running.length;
    },
    get waiting() {
      return queue.length;
    },
    submit(request) {
      if (queue.length >= capacity) return Promise.reject(queueFull(queue.length));
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { ...request, resolve, reject };
        queue.push(waiting);
        request.signal.addEventListener('abort', () => leave(queue, waiting), { once: true });
        if (request.signal.aborted) leave(queue, waiting);
        setImmediate(drain);
      });
    },
  };
}

function leave(queue: Waiting[], waiting: Waiting): void {
  const place = queue.indexOf(waiting);
  if (place >= 0) queue.splice(place, 1);
  waiting.reject(new Interrupted('The client closed the connection.'));
}

/** Removes the first request and those that can be decoded with it from the queue. */
function takeBatch(queue: Waiting[], maxBatch: number): readonly Waiting[] {
  const first = queue.shift()!;
  if ((first.options.temperature ?? 0) > 0) return [first];
  const key = JSON.stringify(first.options);
  const others = queue.filter((request) => JSON.stringify(request.options) === key).slice(0, maxBatch - 1);
  for (const other of others) queue.splice(queue.indexOf(other), 1);
  return [first, ...others];
}

/** Decodes one batch; it is aborted once every client of it has gone away. */
async function answer(generator: Pick<Generator, 'generate'>, batch: readonly Waiting[]): Promise<void> {
  const everybodyLeft = new AbortController();
  const check = () => batch.every((request) => request.signal.aborted) && everybodyLeft.abort();
  for (const request of batch) request.signal.addEventListener('abort', check);
  check();
  try {
    const generations = await generator.generate(
      batch.map((request) => request.prompt),
      {
        ...batch[0]!.options,
        signal: everybodyLeft.signal,
        onToken: (row, id, logprob) => batch[row]!.onToken(id, logprob),
      },
    );
    for (const [row, request] of batch.entries()) request.resolve(generations[row]!);
  } catch (error) {
    for (const request of batch) request.reject(error);
  } finally {
    for (const request of batch) request.signal.removeEventListener('abort', check);
  }
}
