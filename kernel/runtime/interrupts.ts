import { Interrupted } from '../../magics/errors.ts';
import type { CellTools } from '../threads.ts';

/** How long a magic that was interrupted may take to put its work in order. */
const graceMs = 1500;

export interface Interrupts {
  /** What a cell's awaits go through. */
  readonly tools: Pick<CellTools, 'wait' | 'iterate'>;
  /** The running cell's signal. */
  readonly signal: AbortSignal;
  beginCell(): void;
  /** Ends the interrupt of a cell that was settled from outside. */
  endCell(): void;
  /** Aborts the signal; then every await in the notebook's code rejects, after magics at work had time to settle. */
  interrupt(): void;
  /** JavaScript was ended from outside, and magics at work with it: nothing waits for them. */
  ended(): void;
  /** Counts a magic's work, so that an interrupt waits for it. */
  track<T>(work: Promise<T>): Promise<T>;
  isInterrupt(thrown: unknown): boolean;
  /** Offset of the await that `thrown` came out of. */
  awaitedAt(thrown: unknown): number | undefined;
}

/**
 * Makes awaits interruptible: a promise cannot be stopped from outside, but whoever awaits it can stop waiting.
 * An interrupt ends all awaits that are pending in cells' code, also those of functions that earlier cells defined.
 */
export function createInterrupts(): Interrupts {
  let controller = new AbortController();
  let rejecting = false;
  const working = new Set<Promise<unknown>>();
  let whenIdle: (() => void) | undefined;
  let grace: NodeJS.Timeout | undefined;
  const pending = new Set<(reason: unknown) => void>();
  const positions = new WeakMap<object, number>();

  function wait(value: unknown, position: number): unknown {
    if (!isThenable(value)) return value;
    return new Promise((resolve, reject) => {
      const fail = (reason: unknown) => {
        pending.delete(fail);
        if (typeof reason === 'object' && reason !== null && !positions.has(reason)) positions.set(reason, position);
        reject(reason);
      };
      if (rejecting) return fail(controller.signal.reason);
      pending.add(fail);
      value.then((result) => {
        pending.delete(fail);
        resolve(result);
      }, fail);
    });
  }

  async function* iterate(values: AsyncIterable<unknown> | Iterable<unknown>, position: number) {
    const iterator = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
    let done = false;
    try {
      for (;;) {
        const next = (await wait(iterator.next(), position)) as IteratorResult<unknown>;
        done = next.done === true;
        if (done) return;
        yield await wait(next.value, position);
      }
    } finally {
      if (!done) await iterator.return?.();
    }
  }

  function interrupt(): void {
    controller.abort(new Interrupted());
    const rejectAll = () => {
      clearTimeout(grace);
      rejecting = true;
      for (const reject of [...pending]) reject(controller.signal.reason);
    };
    clearTimeout(grace);
    grace = setTimeout(rejectAll, graceMs);
    if (working.size === 0) rejectAll();
    else whenIdle = rejectAll;
  }

  function reset(): void {
    rejecting = false;
    whenIdle = undefined;
    // The grace of an interrupted cell must not end in the next one.
    clearTimeout(grace);
    if (controller.signal.aborted) controller = new AbortController();
  }

  return {
    tools: { wait, iterate },
    get signal() {
      return controller.signal;
    },
    beginCell: reset,
    endCell: reset,
    interrupt,
    ended: () => working.clear(),
    async track(work) {
      working.add(work);
      try {
        return await work;
      } finally {
        working.delete(work);
        // The magic's own rejection reaches the cell first; what else is pending is rejected after it.
        if (working.size === 0 && whenIdle !== undefined) setImmediate(whenIdle);
      }
    },
    isInterrupt: (thrown) => thrown instanceof Error && thrown.name === 'Interrupted',
    awaitedAt: (thrown) => (typeof thrown === 'object' && thrown !== null ? positions.get(thrown) : undefined),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
