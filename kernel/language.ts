import { parentPort, workerData } from 'node:worker_threads';
import { createLanguage } from './language/language.ts';
import type { LanguageRequest } from './language/messages.ts';
import { loadTypeScript } from './transform/typescript.ts';

/** The language thread: TypeScript's language service over the notebook's cells. */
const { folder } = workerData as { folder: string };
const port = parentPort;
if (port === null) throw new Error('language.js is a worker thread of kernel.js.');
const language = createLanguage(loadTypeScript(), folder);
let last: Promise<unknown> = Promise.resolve();
port.on('message', ({ id, request }: { id: number; request: LanguageRequest }) => {
  // One after the other: a cell that ran counts for every question after it.
  last = last.then(async () => port.postMessage({ id, answer: await language.answer(request) }));
});
