import { setTimeout as sleep } from 'node:timers/promises';
import { inspectMainThread, type MainInspector } from './inspector.ts';
import type { MainThread } from './main-thread.ts';
import { stopNewestChild } from './newest-child.ts';
import type { Running } from './what-runs.ts';

/** How the main thread took an interrupt. */
export type InterruptOutcome =
  /** It answers, and the cell's code was told to stop. */
  | 'told'
  /** It was busy; its JavaScript was ended from outside. */
  | 'terminated'
  /** It does not answer any more, or its timers do not. */
  | 'unresponsive';

export interface Interrupter {
  /** Tells the main thread's code to stop, and stops it when it does not listen. Variables stay. */
  interrupt(): Promise<InterruptOutcome>;
  /** Ends what runs on the main thread now, until it answers; a thread that was only slow is told. */
  terminate(): Promise<InterruptOutcome>;
}

const firstAnswerMs = 150;
const pauseMs = 800;
const latePauseMs = 1200;
const pauseAfterChildMs = 3000;
/** After this, the user is told that the thread does not stop. */
const limitMs = 8000;
/** How long each of a few pings is waited for: the first may be lost in what was ended, or come late on a busy machine. */
const patienceMs = [100, 300, 1000];
const timerMs = 4000;
/** How long what cannot be called anew may go on, before it is ended all the same. */
const graceMs: Record<Running, number> = {
  code: 0,
  node: 500,
  'own code': 2000,
  module: 3000,
  'own module': Number.POSITIVE_INFINITY,
};
/** After so long it is looked at again. */
const graceStepMs = 100;

/** Interrupts from the control thread. */
export function createInterrupter(main: MainThread): Interrupter {
  async function terminate(): Promise<InterruptOutcome> {
    const inspector = inspectMainThread();
    const startedAt = performance.now();
    const elapsedMs = () => performance.now() - startedAt;
    while (elapsedMs() < limitMs) {
      const found = await find(main, inspector);
      const how = found === 'silent' || found === 'answers' ? found : await stop(found, elapsedMs(), inspector);
      if (how === 'silent') continue;
      inspector.close();
      if (how === 'answers') return 'told';
      return (await main.answers(timerMs, { timer: true })) ? 'terminated' : 'unresponsive';
    }
    endLater(inspector);
    return 'unresponsive';
  }

  /** Ends what the paused thread runs, or lets it go on when it must not be ended yet. */
  async function stop(running: Running, elapsedMs: number, inspector: MainInspector) {
    if (elapsedMs < graceMs[running]) {
      inspector.resume();
      return (await main.answers(graceStepMs)) ? 'answers' : 'silent';
    }
    end(inspector, running);
    inspector.disable();
    return (await isBack(main)) ? 'ended' : 'silent';
  }

  function end(inspector: MainInspector, running: Running): void {
    inspector.endPaused();
    main.send({ type: 'ended', whileLoading: running === 'module' });
  }

  /** The request to pause stays: the cell's code is ended when it comes back from wherever it is. */
  function endLater(inspector: MainInspector): void {
    inspector.onPaused(({ running }) => {
      if (running === 'own module') {
        inspector.resume();
        setTimeout(inspector.pause, graceStepMs);
        return;
      }
      if (running !== 'node') end(inspector, running);
      inspector.close();
    });
  }

  return {
    terminate,
    async interrupt() {
      main.send({ type: 'abort' });
      return (await main.answers(firstAnswerMs)) ? 'told' : terminate();
    },
  };
}

async function isBack(main: MainThread): Promise<boolean> {
  for (const timeoutMs of patienceMs) if (await main.answers(timeoutMs)) return true;
  return false;
}

/**
 * Pauses the thread where it is: unlike ending it at once, that leaves Node's stack of async contexts in order. A thread
 * that answers instead was only slow: there is nothing to end, and what it does next must not be. One that does neither is
 * not in JavaScript: it waits for a child process, which is ended then, or for something else.
 */
async function find(main: MainThread, inspector: MainInspector): Promise<Running | 'answers' | 'silent'> {
  const paused = new Promise<Running>((resolve) => inspector.onPaused(({ running }) => resolve(running)));
  inspector.enable();
  inspector.pause();
  const answered = main.answers(pauseMs + pauseAfterChildMs).then((does) => (does ? 'answers' : 'silent'));
  const within = (ms: number) => Promise.race([paused, answered, sleep(ms, 'silent' as const)]);
  const found = await within(pauseMs);
  if (found !== 'silent') return found;
  return within(stopNewestChild() ? pauseAfterChildMs : latePauseMs);
}
