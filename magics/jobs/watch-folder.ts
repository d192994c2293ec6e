import { watch } from 'node:fs';

/** Waits for a change in the folder, at most `pollMs`: file system notices are fast but not certain. */
export function watchFolder(
  folder: string,
  pollMs: number,
): { next(signal?: AbortSignal): Promise<void>; close(): void } {
  let wake = () => {};
  const watcher = tryWatch(folder, () => wake());
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, pollMs);
        signal?.addEventListener('abort', done, { once: true });
        wake = done;
      }),
    close: () => watcher?.close(),
  };
}

function tryWatch(folder: string, onChange: () => void): ReturnType<typeof watch> | undefined {
  try {
    return watch(folder, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}
