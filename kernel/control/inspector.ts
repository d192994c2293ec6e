import { type Debugger, Session } from 'node:inspector';
import { clearAsyncStackName } from '../runtime/async-stack.ts';
import { type Running, whatRuns } from './what-runs.ts';

/** Where the main thread was found. */
export interface Paused {
  /** V8's word: `OOM` when the heap is nearly full. */
  readonly reason: string;
  readonly running: Running;
}

/** A line to V8's inspector of the main thread; it reaches a thread that never returns to its event loop. */
export interface MainInspector {
  /** Makes V8 tell of full heaps, and of pauses. */
  enable(): void;
  /** Asks the main thread to pause at its next statement. */
  pause(): void;
  /** Lets the main thread go on, once it is paused. */
  resume(): void;
  /** Ends what the main thread runs, once it is paused there. Variables stay. */
  endPaused(): void;
  /** Called at each pause, and at once when it is paused already; takes the place of the one before. */
  onPaused(handle: (paused: Paused) => void): void;
  /** Takes back a request to pause. */
  disable(): void;
  /** Must come: an open session would keep the process from ending. */
  close(): void;
}

export function inspectMainThread(): MainInspector {
  const session = new Session();
  session.connectToMainThread();
  const post = (method: string, parameters = {}) => session.post(method, parameters);
  // Call frames name their scripts by id alone.
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url));
  const frameOf = ({ location, scopeChain }: Debugger.CallFrame) => ({
    url: urls.get(location.scriptId) ?? '',
    scopes: scopeChain.map(({ type }) => type),
  });
  let onPaused: (paused: Paused) => void = () => {};
  let paused: Paused | undefined;
  session.on('Debugger.paused', ({ params: { reason, callFrames } }) => {
    paused = { reason, running: whatRuns(callFrames.map(frameOf)) };
    onPaused(paused);
  });
  const resume = (parameters?: object) => {
    paused = undefined;
    post('Debugger.resume', parameters);
  };
  return {
    enable: () => post('Debugger.enable'),
    pause: () => post('Debugger.pause'),
    resume: () => resume(),
    endPaused() {
      post('Runtime.evaluate', { expression: `${clearAsyncStackName}()` });
      resume({ terminateOnResume: true });
    },
    onPaused(handle) {
      onPaused = handle;
      if (paused !== undefined) handle(paused);
    },
    disable: () => post('Debugger.disable'),
    close: () => session.disconnect(),
  };
}
