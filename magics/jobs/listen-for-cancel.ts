import { existsSync } from 'node:fs';
import path from 'node:path';
import { Interrupted } from '../errors.ts';
import { jobFile } from './job-folder.ts';

/** Aborts on signals, and on the file `cancel` for cancellers that cannot send one (another host, Windows). */
export function listenForCancel(jobFolder: string): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort(new Interrupted('The job was cancelled.'));
  process.on('SIGTERM', abort);
  process.on('SIGINT', abort);
  const timer = setInterval(() => {
    if (existsSync(path.join(jobFolder, jobFile.cancel))) abort();
  }, 500).unref();
  return {
    signal: controller.signal,
    close() {
      clearInterval(timer);
      process.off('SIGTERM', abort);
      process.off('SIGINT', abort);
    },
  };
}
