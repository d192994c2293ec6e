import type { CellOutcome } from '../threads.ts';
import { inspectMainThread, type MainInspector } from './inspector.ts';
import type { Running } from './what-runs.ts';

export interface MemoryGuard {
  /** Begins to watch; `onFull` is called when a cell was ended because the heap is full, with what ran then. */
  watch(onFull: (ended: Running) => void): void;
  /** The cell has ended. */
  rest(): void;
}

const lookMs = 200;
/** Share of the heap's limit that the process may take before V8 is asked to tell when the heap is full. */
const watchfulShare = 0.5;

/**
 * Keeps a cell that fills the heap from ending the process. V8 tells an inspector when its heap is nearly full, and lends
 * it more until the cell's code has been ended. The inspector is there only while a cell runs and memory is in demand.
 * `heapLimitBytes`: of the main thread.
 */
export function createMemoryGuard(heapLimitBytes: number): MemoryGuard {
  let timer: NodeJS.Timeout | undefined;
  let inspector: MainInspector | undefined;

  function look(onFull: (ended: Running) => void): void {
    if (inspector !== undefined || process.memoryUsage.rss() < watchfulShare * heapLimitBytes) return;
    const attached = inspectMainThread();
    inspector = attached;
    attached.onPaused(({ reason, running }) => {
      if (reason !== 'OOM') return;
      attached.endPaused();
      onFull(running);
    });
    attached.enable();
  }

  return {
    watch(onFull) {
      look(onFull);
      timer = setInterval(() => look(onFull), lookMs);
    },
    rest() {
      clearInterval(timer);
      inspector?.disable();
      inspector?.close();
      inspector = undefined;
    },
  };
}

/** What becomes of a cell that filled the heap. */
export function outOfMemory(heapLimitBytes: number): CellOutcome {
  const megabytes = Math.round(heapLimitBytes / 2 ** 20);
  const what = `The cell filled the JavaScript heap of ${megabytes} MB and was ended. Variables are kept.`;
  const advice = 'Work in smaller pieces, or start the kernel with NODE_OPTIONS=--max-old-space-size=MEGABYTES.';
  return { error: { name: 'OutOfMemory', message: `${what} ${advice}`, stack: '', user: true } };
}
