import type { CellOutcome } from '../threads.ts';
import type { Interrupter, InterruptOutcome } from './interrupter.ts';
import type { MainThread } from './main-thread.ts';
import type { ExecuteRequest } from './request.ts';

/** A cell on its way through the kernel. */
export interface RunningCell {
  readonly request: ExecuteRequest;
  readonly cell: number;
  readonly startedAt: number;
  /** Whether the main thread has got it; until then there is nothing to stop. */
  sent: boolean;
  interrupted?: boolean;
  settle(outcome: CellOutcome): void;
}

export interface Interruption {
  /** Stops the running cell, or what finished cells left behind; resolves when the cell has settled. */
  interrupt(): Promise<InterruptOutcome>;
}

export interface InterruptionOptions {
  readonly main: MainThread;
  readonly interrupter: Interrupter;
  running(): RunningCell | undefined;
  lastCell(): number;
  /** Ends a cell whose code will not do it any more. */
  settleFromOutside(cell: number, outcome: CellOutcome): void;
}

const interruptedOutcome: CellOutcome = {
  error: { name: 'Interrupted', message: 'Interrupted.', stack: '', user: true },
  interrupted: true,
};

/** How long an interrupted cell may take to settle by itself: the magics' grace and a little more. */
const settleMs = 1900;

export function createInterruption(options: InterruptionOptions): Interruption {
  const { main, interrupter, running, lastCell, settleFromOutside } = options;

  async function interruptCell(interrupted: RunningCell): Promise<InterruptOutcome> {
    interrupted.interrupted = true;
    if (!interrupted.sent) {
      interrupted.settle(interruptedOutcome);
      return 'told';
    }
    const isRunning = () => running() === interrupted;
    let how = await interrupter.interrupt();
    const deadline = performance.now() + settleMs;
    while (how === 'told' && isRunning() && performance.now() < deadline) {
      // Code that catches every interrupt can spin: it stops answering only after it was told.
      if (!(await main.answers(150))) how = await interrupter.terminate();
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (isRunning()) settleFromOutside(interrupted.cell, interruptedOutcome);
    return how;
  }

  /** What a cell left behind, in a timer say, may loop after the cell has finished. */
  async function interruptLeftovers(): Promise<InterruptOutcome> {
    const how = await interrupter.interrupt();
    if (running() === undefined) main.send({ type: 'forget', cell: lastCell() });
    return how;
  }

  return {
    interrupt() {
      const cell = running();
      return cell === undefined ? interruptLeftovers() : interruptCell(cell);
    },
  };
}
