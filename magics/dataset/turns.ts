import { setImmediate } from 'node:timers/promises';

/** What is told of long work, and how it is stopped. */
export interface Turns {
  readonly signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** Time after which other work gets its turn. */
const turnMs = 50;
/** Progress is told of work that takes longer than this. */
const quietMs = 1000;

/** Turns of a long loop over `total` items: ask `areOver` after each item, and wait for `next` where they are. */
export function createTurns(total: number, { signal, onProgress }: Turns = {}) {
  const start = performance.now();
  let turn = start;
  return {
    areOver: () => performance.now() - turn >= turnMs,
    /** Tells of the progress, lets other work go on, and throws where the work was stopped. */
    async next(done: number): Promise<void> {
      if (performance.now() - start > quietMs) onProgress?.(done, total);
      await setImmediate();
      signal?.throwIfAborted();
      turn = performance.now();
    },
  };
}
