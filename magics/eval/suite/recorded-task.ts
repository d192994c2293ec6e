import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { RecordedSuiteTask } from '../../governance/records.ts';

/** What the evaluations of one suite's run say of it; the task and its gates are added to each. */
export type SuitePlace = Omit<RecordedSuiteTask, 'task' | 'gates'>;

/** A suite's place in its repository; `folder` is where the paths in `file` start. Slashes are `/` on every system. */
export async function suitePlace(
  name: string,
  { file, folder, repository }: { file: string; folder: string; repository: string },
): Promise<SuitePlace> {
  const top = await realpath(repository);
  const relative = async (target: string) =>
    path
      .relative(top, await realpath(target))
      .split(path.sep)
      .join('/');
  return { name, file: await relative(file), folder: await relative(folder) };
}
