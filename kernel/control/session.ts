import type { KernelEvent, Request } from '../protocol.ts';
import type { CellOutcome, FromMain } from '../threads.ts';
import { loadTypeScript, saveCompiledCode } from '../transform/typescript.ts';
import { createCompiler } from './compiler.ts';
import type { Interrupter } from './interrupter.ts';
import { createLanguageThread } from './language-thread.ts';
import type { MainThread } from './main-thread.ts';
import { createUpdates } from './updates.ts';

/** An event of one request, before the session has added the request's id. */
export type RequestEvent = WithoutParent<Exclude<KernelEvent, { type: 'ready' | 'unresponsive' }>>;
type WithoutParent<E> = E extends unknown ? Omit<E, 'parent'> : never;
type LanguageQuestion = Extract<Request, { method: 'complete' | 'inspect' | 'diagnose' }>;
type ExecuteRequest = Extract<Request, { method: 'execute' }>;

/** Whoever speaks to the kernel: gets every event. */
export type Listener = (event: KernelEvent) => void;

export interface Session {
  /** Adds a listener; it hears all events. */
  listen(listener: Listener): void;
  handle(request: Request): void;
  readonly executionCount: number;
  /** Ends the process. */
  exit(): void;
  /** `close` runs before the process ends. */
  onExit(close: () => Promise<void>): void;
}

export interface SessionOptions {
  readonly folder: string;
  readonly notebook?: string;
  readonly main: MainThread;
  readonly interrupter: Interrupter;
}

interface RunningCell {
  readonly request: ExecuteRequest;
  readonly cell: number;
  readonly startedAt: number;
  settle(outcome: CellOutcome): void;
}

/** How long an interrupted cell may take to settle by itself: the magics' grace and a little more. */
const settleMs = 1900;
const idleMs = 1500;

/** Runs one cell at a time in the order of the requests; answers everything else meanwhile. */
export function createSession(options: SessionOptions): Session {
  const { main, interrupter } = options;
  const listeners: Listener[] = [];
  const closers: (() => Promise<void>)[] = [];
  const queue: ExecuteRequest[] = [];
  const compiler = createCompiler();
  const language = createLanguageThread(options.folder);
  const updates = createUpdates((event) => tell(event));
  let executionCount = 0;
  let cells = 0;
  let running: RunningCell | undefined;
  let idleTimer: NodeJS.Timeout | undefined;

  function tell(event: KernelEvent): void {
    for (const listener of listeners) listener(event);
  }

  function emit(parent: string, event: RequestEvent): void {
    tell({ parent, ...event } as KernelEvent);
  }

  main.onMessage((message: FromMain) => {
    switch (message.type) {
      case 'stream':
        return emit(message.parent, { type: 'stream', name: message.name, text: message.text });
      case 'display':
        return emit(message.parent, message);
      case 'update':
        return updates.add({ ...message, type: 'update_display' });
      case 'clear':
        return emit(message.parent, { type: 'clear_output', wait: message.wait });
      case 'input':
        return emit(message.parent, { type: 'input_request', prompt: message.prompt, password: message.password });
      case 'done':
        if (running?.cell === message.cell) running.settle(message.outcome);
        return;
      case 'stray':
        return emit(message.parent, { type: 'stream', name: 'stderr', text: compiler.strayText(message.error) });
      case 'resolve':
        return main.send(compiler.resolve(message.id, message.specifier, message.folder));
    }
  });

  function next(): void {
    const request = running === undefined ? queue.shift() : undefined;
    if (request === undefined) return;
    void execute(request).then(next);
  }

  async function execute(request: ExecuteRequest): Promise<void> {
    const cell = ++cells;
    const startedAt = performance.now();
    if (request.silent !== true) executionCount++;
    const settled = new Promise<CellOutcome>((settle) => {
      running = { request, cell, startedAt, settle };
    });
    emit(request.id, { type: 'busy', executionCount });
    const status = await outcomeOf(request, cell, settled);
    running = undefined;
    updates.flush();
    if (status === 'error' && request.stopOnError === true) dropQueue();
    const durationMs = performance.now() - startedAt;
    emit(request.id, { type: 'finished', status, executionCount, durationMs });
    whenIdle();
  }

  /** What can wait for a pause between cells: the next start's compiled code, the language thread. */
  function whenIdle(): void {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      if (running !== undefined) return;
      saveCompiledCode();
      language.start();
    }, idleMs);
  }

  async function ask(request: LanguageQuestion): Promise<void> {
    const { id, code } = request;
    if (request.method === 'complete') {
      const { offset } = request;
      emit(id, { type: 'completions', ...(await language.ask({ method: 'complete', code, offset })) });
    } else if (request.method === 'inspect') {
      const { offset } = request;
      emit(id, { type: 'inspection', ...(await language.ask({ method: 'inspect', code, offset })) });
    } else {
      const { earlier = [] } = request;
      emit(id, { type: 'diagnostics', diagnostics: await language.ask({ method: 'diagnose', code, earlier }) });
    }
    finish(id);
  }

  function finish(id: string): void {
    emit(id, { type: 'finished', status: 'ok', executionCount, durationMs: 0 });
  }

  async function outcomeOf(request: ExecuteRequest, cell: number, settled: Promise<CellOutcome>) {
    try {
      const compiled = await compiler.compile(cell, executionCount, request.code);
      main.send({ type: 'run', cell: { ...compiled, cell, parent: request.id } });
    } catch (error) {
      emit(request.id, { type: 'error', ...compiler.compileError(cell, error) });
      return 'error';
    }
    const outcome = await settled;
    updates.flush();
    if (request.silent !== true) language.add({ method: 'add', code: request.code, types: outcome.types ?? {} });
    if (outcome.error !== undefined) {
      emit(request.id, { type: 'error', ...compiler.runError(cell, outcome.error) });
      return outcome.interrupted === true ? 'interrupted' : 'error';
    }
    if (outcome.data !== undefined && request.silent !== true) {
      emit(request.id, { type: 'result', executionCount, data: outcome.data });
    }
    return 'ok';
  }

  function exit(): void {
    void Promise.all(closers.splice(0).map((close) => close())).then(() => main.exit());
  }

  function dropQueue(): void {
    for (const waiting of queue.splice(0)) {
      emit(waiting.id, { type: 'finished', status: 'interrupted', executionCount, durationMs: 0 });
    }
  }

  async function interrupt(request: Request): Promise<void> {
    dropQueue();
    const interrupted = running;
    if (interrupted !== undefined) await interruptCell(interrupted);
    finish(request.id);
  }

  async function interruptCell(interrupted: RunningCell): Promise<void> {
    const isRunning = () => running === interrupted;
    let how = await interrupter.interrupt();
    const deadline = performance.now() + settleMs;
    while (how === 'told' && isRunning() && performance.now() < deadline) {
      // Code that catches every interrupt can spin: it stops answering only after it was told.
      if (!(await main.answers(150))) how = await interrupter.terminate();
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (isRunning()) {
      main.send({ type: 'forget', cell: interrupted.cell });
      const error = { name: 'Interrupted', message: 'Interrupted.', stack: '', user: true };
      interrupted.settle({ error, interrupted: true });
    }
    if (how === 'unresponsive') tell({ type: 'unresponsive', reason: 'The cell could not be stopped.' });
  }

  return {
    listen: (listener) => listeners.push(listener),
    get executionCount() {
      return executionCount;
    },
    exit,
    onExit: (close) => void closers.push(close),
    handle(request) {
      switch (request.method) {
        case 'execute':
          queue.push(request);
          return next();
        case 'interrupt':
          return void interrupt(request);
        case 'input_reply':
          return main.send({ type: 'input', value: request.value });
        case 'is_complete':
          emit(request.id, { type: 'completeness', ...compiler.completeness(loadTypeScript(), request.code) });
          return finish(request.id);
        case 'complete':
        case 'inspect':
        case 'diagnose':
          return void ask(request);
        case 'shutdown':
          finish(request.id);
          return exit();
      }
    },
  };
}
