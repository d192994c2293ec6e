import type { CellOutcome, CompiledCell } from '../threads.ts';
import type { Compiler } from './compiler.ts';
import type { Interrupter, InterruptOutcome } from './interrupter.ts';
import { createInterruption, type RunningCell } from './interruption.ts';
import type { MainThread } from './main-thread.ts';
import { createMemoryGuard, outOfMemory } from './memory-guard.ts';
import type { ExecuteRequest } from './request.ts';
import type { TypeGate } from './type-gate.ts';

/** The one cell that the main thread runs. */
export interface CellRunner {
  /**
   * Runs code as the cell with this number; resolves when it has settled, or was settled by an interrupt. Throws what
   * `compile` and the type gate throw. The cell counts as running until `rest`.
   */
  run(request: ExecuteRequest, cell: number, executionCount: number, code: string): Promise<CellOutcome>;
  /** Something that runs no code takes a cell's turn. */
  hold(request: ExecuteRequest, cell: number): void;
  rest(): void;
  readonly running: RunningCell | undefined;
  /** The main thread has run it to its end. */
  done(cell: number, outcome: CellOutcome): void;
  /** Stops the running cell, or what finished cells left behind. */
  interrupt(): Promise<InterruptOutcome>;
}

export interface CellRunnerOptions {
  readonly main: MainThread;
  readonly interrupter: Interrupter;
  readonly compiler: Compiler;
  readonly typeGate: TypeGate;
  readonly heapLimitBytes: number;
  lastCell(): number;
  /** A part of the kernel itself is gone. */
  onBroken(reason: string, request: string): void;
}

const lostModuleReason = 'Memory ran out while a part of the kernel itself was being loaded.';

export function createCellRunner(options: CellRunnerOptions): CellRunner {
  const { main, interrupter, compiler, typeGate, heapLimitBytes, lastCell } = options;
  const memory = createMemoryGuard(heapLimitBytes);
  let running: RunningCell | undefined;
  const interruption = createInterruption({
    ...{ main, interrupter, lastCell, settleFromOutside },
    running: () => running,
  });

  function hold(request: ExecuteRequest, cell: number, settle: (outcome: CellOutcome) => void = () => undefined): void {
    running = { request, cell, startedAt: performance.now(), sent: false, settle };
  }

  async function run(request: ExecuteRequest, cell: number, executionCount: number, code: string) {
    const settled = new Promise<CellOutcome>((settle) => hold(request, cell, settle));
    const { startsJob, ...compiled } = await compiler.compile(cell, executionCount, code);
    const checked = typeGate.check({ ...request, code }, startsJob);
    await Promise.race([checked, settled.then(() => undefined)]);
    sendUnlessInterrupted({ ...compiled, cell, parent: request.id });
    memory.watch((ended) => {
      settleFromOutside(cell, outOfMemory(heapLimitBytes));
      main.send({ type: 'ended', whileLoading: ended === 'module' });
      if (ended === 'own module') options.onBroken(lostModuleReason, request.id);
    });
    return settled.finally(() => memory.rest());
  }

  function sendUnlessInterrupted(cell: CompiledCell): void {
    if (running === undefined || running.cell !== cell.cell || running.interrupted === true) return;
    running.sent = true;
    main.send({ type: 'run', cell });
  }

  /** Ends a cell whose code will not do it any more. */
  function settleFromOutside(cell: number, outcome: CellOutcome): void {
    if (running?.cell !== cell) return;
    main.send({ type: 'forget', cell });
    running.settle(outcome);
  }

  return {
    run,
    hold,
    rest() {
      running = undefined;
    },
    get running() {
      return running;
    },
    done(cell, outcome) {
      if (running?.cell === cell) running.settle(outcome);
    },
    interrupt: interruption.interrupt,
  };
}
