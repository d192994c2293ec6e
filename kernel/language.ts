import { parentPort, workerData } from 'node:worker_threads';
import { createLanguage } from './language/language.ts';
import type { LanguageRequest } from './language/messages.ts';
import { loadTypeScript } from './transform/typescript.ts';

/** The language thread: TypeScript's language service over the notebook's cells. */
const { folder } = workerData as { folder: string };
const port = parentPort;
if (port === null) throw new Error('language.js is a worker thread of kernel.js.');
const language = createLanguage(loadTypeScript(), folder);
const pauseMs = 300;
const betweenMs = 20;
let pause: NodeJS.Timeout | undefined;
let last: Promise<unknown> = Promise.resolve();
/** After so many times V8 has compiled most of what a question goes through. */
const warmTimes = 20;
let isAsked = false;
setImmediate(() => warmUp(0));
port.on('message', ({ id, request }: { id: number; request: LanguageRequest }) => {
  const answer = async (result: Promise<unknown>) => port.postMessage({ id, ...(await settle(result)) });
  if (request.method === 'ran') language.ran(request);
  else if (request.method === 'check') void answer(language.check(request));
  else {
    isAsked = true;
    // One after the other: each has the service's files for itself.
    last = last.then(() => answer(language.answer(request)));
  }
  prepareSoon(pauseMs);
});

/** Until somebody asks: in short turns, so that the first question need not wait. */
function warmUp(time: number): void {
  if (time > 0 && isAsked) return;
  language.warm(time);
  if (time < warmTimes) setTimeout(() => warmUp(time + 1), betweenMs);
}

/**
 * In a pause: the next question finds the declarations of cells that have run, and cells are checked whose errors nobody
 * waits for. Neither cells nor questions that follow each other are slowed: each turn replaces the cell in hand.
 */
function prepareSoon(delayMs: number): void {
  clearTimeout(pause);
  pause = setTimeout(() => {
    // What fails here fails again, and is reported, where it is asked for.
    last = last
      .then(async () => {
        if (await language.prepare()) prepareSoon(betweenMs);
      })
      .catch(() => undefined);
  }, delayMs);
}

/** An unexpected error reaches whoever asked; the thread goes on. */
async function settle(answer: Promise<unknown>): Promise<{ answer: unknown } | { error: string }> {
  try {
    return { answer: await answer };
  } catch (error) {
    return { error: error instanceof Error ? String(error.stack) : String(error) };
  }
}
