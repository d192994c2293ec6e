import type { ExpressionValue } from '../protocol.ts';
import type { CellOutcome } from '../threads.ts';
import type { CellRunner } from './cell-runner.ts';
import type { Compiler } from './compiler.ts';
import { type HelpQuestion, helpQuestion, helpText } from './help-question.ts';
import type { LanguageThread } from './language-thread.ts';
import { createRecent } from './recent.ts';
import type { ExecuteRequest, RequestEvent } from './request.ts';
import type { TypeWarnings } from './type-warnings.ts';

/** Cells, one at a time, in the order of their requests. */
export interface CellQueue {
  add(request: ExecuteRequest): void;
  /** Ends the cells that wait. */
  drop(): void;
  readonly executionCount: number;
  /** Number of the cell that started last. */
  readonly lastCell: number;
  /** The request that ran a cell: late errors go to the cell that caused them. */
  parentOf(cell: number): string | undefined;
}

export interface CellQueueOptions {
  readonly runner: CellRunner;
  readonly compiler: Compiler;
  readonly language: LanguageThread;
  readonly typeWarnings: TypeWarnings;
  emit(parent: string, event: RequestEvent): void;
  /** Sends on what is held back of the cell's updates. */
  flush(): void;
  onFinished(): void;
}

const keptCells = 1000;

export function createCellQueue(options: CellQueueOptions): CellQueue {
  const { runner, compiler, language, typeWarnings, emit, flush } = options;
  const queue: ExecuteRequest[] = [];
  const parents = createRecent<number, string>(keptCells);
  let executionCount = 0;
  let cells = 0;

  function next(): void {
    const request = runner.running === undefined ? queue.shift() : undefined;
    if (request !== undefined) void execute(request).then(next);
  }

  async function execute(request: ExecuteRequest): Promise<void> {
    const cell = ++cells;
    const startedAt = performance.now();
    if (request.silent !== true && request.storeHistory !== false) executionCount++;
    emit(request.id, { type: 'busy', executionCount });
    const asked = helpQuestion(request.code);
    const status = await (asked === undefined ? outcomeOf(request, cell) : answerHelp(request, asked));
    if (status === 'ok' && request.userExpressions !== undefined) {
      emit(request.id, { type: 'expressions', values: await evaluate(request, request.userExpressions) });
    }
    runner.rest();
    flush();
    if (status === 'error' && request.stopOnError === true) drop();
    const durationMs = performance.now() - startedAt;
    emit(request.id, { type: 'finished', status, executionCount, durationMs });
    options.onFinished();
  }

  function run(request: ExecuteRequest, cell: number, code: string): Promise<CellOutcome> {
    parents.set(cell, request.id);
    return runner.run(request, cell, executionCount, code);
  }

  async function outcomeOf(request: ExecuteRequest, cell: number) {
    const tellTypeErrors = typeWarnings.begin(request);
    let outcome: CellOutcome;
    try {
      outcome = await run(request, cell, request.code);
    } catch (error) {
      emit(request.id, { type: 'error', ...compiler.compileError(cell, error) });
      return 'error';
    }
    flush();
    const status = tell(request, cell, outcome);
    await tellTypeErrors();
    return status;
  }

  function tell(request: ExecuteRequest, cell: number, outcome: CellOutcome) {
    if (request.silent !== true) {
      const { cellId, code } = request;
      language.ran({ method: 'ran', cellId, code, types: outcome.types ?? {} });
    }
    if (outcome.error !== undefined) {
      emit(request.id, { type: 'error', ...compiler.runError(cell, outcome.error) });
      return outcome.interrupted === true ? 'interrupted' : 'error';
    }
    if (outcome.data !== undefined && request.silent !== true) {
      emit(request.id, { type: 'result', executionCount, data: outcome.data });
    }
    return 'ok';
  }

  async function evaluate(request: ExecuteRequest, expressions: Record<string, string>) {
    const values: Record<string, ExpressionValue> = {};
    for (const [name, code] of Object.entries(expressions)) {
      const cell = ++cells;
      try {
        const { data, error } = await run(request, cell, code);
        values[name] = error
          ? { error: compiler.runError(cell, error) }
          : { data: data ?? { 'text/plain': 'undefined' } };
      } catch (error) {
        values[name] = { error: compiler.compileError(cell, error) };
      }
    }
    return values;
  }

  /** `name?`: what the language service knows of the name, for the client's pager. */
  async function answerHelp(request: ExecuteRequest, { name, source }: HelpQuestion): Promise<'ok'> {
    runner.hold(request, cells);
    const question = { method: 'inspect', cellId: '', code: name, offset: name.length, source } as const;
    const { markdown } = await language.ask(question).catch(() => ({ markdown: null }));
    emit(request.id, { type: 'display', data: helpText(name, markdown), metadata: { pager: true } });
    return 'ok';
  }

  function drop(): void {
    for (const waiting of queue.splice(0)) {
      emit(waiting.id, { type: 'finished', status: 'interrupted', executionCount, durationMs: 0 });
    }
  }

  return {
    add(request) {
      queue.push(request);
      next();
    },
    drop,
    get executionCount() {
      return executionCount;
    },
    get lastCell() {
      return cells;
    },
    parentOf: (cell) => parents.get(cell),
  };
}
