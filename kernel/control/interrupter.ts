import { Session as InspectorSession } from 'node:inspector';
import type { MainThread } from './main-thread.ts';

/** How the main thread took an interrupt. */
export type InterruptOutcome =
  /** It answers, and the cell's code was told to stop. */
  | 'told'
  /** It was busy; its JavaScript was ended from outside. */
  | 'terminated'
  /** It does not answer any more. */
  | 'unresponsive';

export interface Interrupter {
  /** Tells the main thread's code to stop, and stops it when it does not listen. Variables stay. */
  interrupt(): Promise<InterruptOutcome>;
  /** Ends what runs on the main thread now, until it answers. */
  terminate(): Promise<InterruptOutcome>;
}

const firstAnswerMs = 150;
const retries = 30;

/** Interrupts by V8's inspector, which reaches a thread that never returns to its event loop. */
export function createInterrupter(main: MainThread): Interrupter {
  async function terminate(): Promise<InterruptOutcome> {
    const inspector = new InspectorSession();
    inspector.connectToMainThread();
    try {
      for (let attempt = 0; attempt < retries; attempt++) {
        inspector.post('Runtime.terminateExecution');
        if (!(await main.answers(attempt < 2 ? 60 : 200))) continue;
        const timersWork = await main.answers(1000, { timer: true });
        return timersWork ? 'terminated' : 'unresponsive';
      }
      return 'unresponsive';
    } finally {
      // A session that stays open would keep the process from ending.
      inspector.disconnect();
    }
  }

  return {
    terminate,
    async interrupt() {
      main.send({ type: 'abort' });
      return (await main.answers(firstAnswerMs)) ? 'told' : terminate();
    },
  };
}
