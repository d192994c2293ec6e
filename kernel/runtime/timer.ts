/** `%time` and `%%time`. */
export interface Timer {
  startTimer(): void;
  /** Prints the time since `startTimer`. */
  stopTimer(): void;
  /** Stops the timer and passes the value on. */
  timed<T>(started: unknown, value: T): T;
  /** Prints the time of the whole cell when it ends. */
  timeCell(): void;
  endCell(): void;
}

/** Measures wall time for the cell that is running. */
export function createTimer(): Timer {
  let startedAt = 0;
  let cellStartedAt: number | undefined;
  const print = (since: number) => console.log(`Wall time: ${duration(performance.now() - since)}`);
  return {
    startTimer() {
      startedAt = performance.now();
    },
    stopTimer: () => print(startedAt),
    timed(_started, value) {
      print(startedAt);
      return value;
    },
    timeCell() {
      cellStartedAt = performance.now();
    },
    endCell() {
      if (cellStartedAt !== undefined) print(cellStartedAt);
      cellStartedAt = undefined;
    },
  };
}

function duration(ms: number): string {
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toPrecision(3)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms / 1000) % 60)} s`;
}
