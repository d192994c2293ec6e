import path from 'node:path';
import type { FoundSuite } from './find-suites.ts';
import type { RecordedSuite } from './recorded-suites.ts';
import { startFolder } from './start-folder.ts';
import type { TaskOutline } from './suite-outline.ts';
import { type TaskOutcome, taskOutcome } from './task-outcome.ts';

/** A suite with all that is shown of it. */
export interface ShownSuite extends FoundSuite {
  tasks: TaskOutline[];
  /** By task; those that never ran have none. */
  outcomes: Map<string, TaskOutcome>;
  /** Where its paths start. */
  folder: string;
}

/** Puts a suite's file and its records together. Suites of other programs have the tasks that were recorded. */
export function shownSuite(found: FoundSuite, recorded: RecordedSuite | undefined): ShownSuite {
  const { file, workspace, outline } = found;
  const records = [...(recorded?.tasks ?? [])];
  const imported = records.map(([name, { suite }]) => ({
    name,
    line: 1,
    gates: (suite?.gates ?? []).map(({ gate }) => ({ gate, line: 1 })),
  }));
  return {
    ...found,
    tasks: outline.kind === 'suite' ? outline.tasks : imported.sort((a, b) => a.name.localeCompare(b.name)),
    outcomes: new Map(records.map(([name, record]) => [name, taskOutcome(record)])),
    folder: startFolder(file, { workspace, recorded: recordedFolder(recorded), paths: outline.paths }),
  };
}

/** The folder that the newest evaluation was started from. */
function recordedFolder(recorded: RecordedSuite | undefined): string | undefined {
  const [newest] = [...(recorded?.tasks.values() ?? [])].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return newest?.suite && path.join(recorded!.store.folder, newest.suite.folder);
}
