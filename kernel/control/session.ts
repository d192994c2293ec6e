import { type LanguageMethod, languageEvents } from '../language/messages.ts';
import type { KernelEvent, Request, TypeErrors } from '../protocol.ts';
import type { FromMain } from '../threads.ts';
import { createCellQueue } from './cell-queue.ts';
import { createCellRunner } from './cell-runner.ts';
import { createCompiler } from './compiler.ts';
import type { Interrupter } from './interrupter.ts';
import { createLanguageThread } from './language-thread.ts';
import type { MainThread } from './main-thread.ts';
import { createPauses } from './pauses.ts';
import type { RequestEvent } from './request.ts';
import { createTypeGate } from './type-gate.ts';
import { createTypeWarnings } from './type-warnings.ts';
import { createUpdates } from './updates.ts';

type LanguageRequest = Extract<Request, { method: LanguageMethod }>;

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
  readonly typeErrors: TypeErrors;
  readonly heapLimitBytes: number;
  readonly main: MainThread;
  readonly interrupter: Interrupter;
}

const unresponsiveReason = 'The cell could not be stopped, or timers do not work since it was.';

/** Runs one cell at a time in the order of the requests; answers everything else meanwhile. */
export function createSession(options: SessionOptions): Session {
  const { main, folder } = options;
  const listeners: Listener[] = [];
  const closers: (() => Promise<void>)[] = [];
  const compiler = createCompiler(folder);
  const language = createLanguageThread(folder);
  const updates = createUpdates((event) => tell(event));
  const runner = createCellRunner({
    ...{ ...options, compiler },
    typeGate: createTypeGate(language, options.typeErrors),
    lastCell: () => queue.lastCell,
    onBroken: (reason, request) => tell({ type: 'unresponsive', reason, request }),
  });
  const pauses = createPauses(language, () => runner.running === undefined);
  const queue = createCellQueue({
    ...{ runner, compiler, language, emit, flush: updates.flush },
    typeWarnings: createTypeWarnings(language, options.typeErrors, (request, text) =>
      emit(request, { type: 'stream', name: 'stderr', text }),
    ),
    onFinished: pauses.begin,
  });

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
      case 'cell_text':
        return emit(message.parent, { type: 'cell_text', text: message.text });
      case 'comm':
        return emit(message.parent, { type: 'comm', message: message.message });
      case 'done':
        return runner.done(message.cell, message.outcome);
      case 'stray': {
        const parent = queue.parentOf(compiler.causeOf(message.error) ?? 0) ?? message.parent;
        return emit(parent, { type: 'stream', name: 'stderr', text: compiler.strayText(message.error) });
      }
      case 'rows':
        emit(message.parent, { type: 'rows', rows: message.rows });
        return finish(message.parent);
      case 'resolve':
        return main.send(compiler.resolve(message.id, message.specifier, message.folder));
    }
  });

  async function ask(question: LanguageRequest): Promise<void> {
    const { id, method } = question;
    try {
      emit(id, { type: languageEvents[method], ...(await language.ask(question)) } as RequestEvent);
    } catch (error) {
      process.stderr.write(`llmops kernel: ${String(error)}\n`);
    }
    finish(id);
  }

  async function isComplete(id: string, code: string): Promise<void> {
    emit(id, { type: 'completeness', ...(await compiler.completeness(code)) });
    finish(id);
  }

  async function interrupt(request: Request): Promise<void> {
    queue.drop();
    const { id } = runner.running?.request ?? request;
    const how = await runner.interrupt();
    if (how === 'unresponsive') tell({ type: 'unresponsive', reason: unresponsiveReason, request: id });
    finish(request.id);
  }

  function finish(id: string): void {
    emit(id, { type: 'finished', status: 'ok', executionCount: queue.executionCount, durationMs: 0 });
  }

  function exit(): void {
    void Promise.all(closers.splice(0).map((close) => close())).then(() => main.exit());
  }

  return {
    listen: (listener) => listeners.push(listener),
    get executionCount() {
      return queue.executionCount;
    },
    exit,
    onExit: (close) => void closers.push(close),
    handle(request) {
      switch (request.method) {
        case 'execute':
          return queue.add(request);
        case 'interrupt':
          return void interrupt(request);
        case 'input_reply':
          return main.send({ type: 'input', value: request.value });
        case 'comm':
          return main.send({ type: 'comm', message: request.message });
        case 'rows':
          return main.send({ type: 'rows', parent: request.id, source: request.source, page: request.page });
        case 'is_complete':
          return void isComplete(request.id, request.code);
        case 'shutdown':
          finish(request.id);
          return exit();
        default:
          return void ask(request);
      }
    },
  };
}
