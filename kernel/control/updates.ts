import type { KernelEvent } from '../protocol.ts';

type Update = Extract<KernelEvent, { type: 'update_display' }>;

/** At most 20 updates a second for each display. */
const intervalMs = 50;

/** Thins out in-place updates: the first passes at once, of those that follow within the interval only the last does. */
export function createUpdates(emit: (update: Update) => void): { add(update: Update): void; flush(): void } {
  const waiting = new Map<string, Update>();
  const lastSent = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function send(update: Update): void {
    waiting.delete(update.displayId);
    lastSent.set(update.displayId, performance.now());
    emit(update);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const update of waiting.values()) send(update);
  }

  return {
    flush,
    add(update) {
      const elapsed = performance.now() - (lastSent.get(update.displayId) ?? Number.NEGATIVE_INFINITY);
      if (elapsed >= intervalMs) return send(update);
      waiting.set(update.displayId, update);
      timer ??= setTimeout(flush, intervalMs - elapsed);
    },
  };
}
