import type { Row } from './row.ts';

/** Work to be done between two steps, once no row that it must not disturb is being decoded. */
export interface WorkQueue {
  readonly length: number;
  add(task: Work): void;
  /** Does what none of the rows that are being decoded blocks. */
  run(present: () => readonly Row[]): Promise<void>;
}

interface Work {
  isBlocked(row: Row): boolean;
  run(): Promise<void>;
}

export function createWorkQueue(): WorkQueue {
  const tasks: Work[] = [];
  return {
    get length() {
      return tasks.length;
    },
    add: (task) => tasks.push(task),
    async run(present) {
      for (const task of tasks.filter(({ isBlocked }) => !present().some(isBlocked))) {
        tasks.splice(tasks.indexOf(task), 1);
        await task.run();
      }
    },
  };
}
