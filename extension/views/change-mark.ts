import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Repository } from '../../magics/governance/repository.ts';
import { jobFile, jobsFolder } from '../../magics/jobs/job-folder.ts';

/** Jobs whose progress is looked at: the newest. */
const newestJobs = 100;

/**
 * A text that is another one after every commit, tag and change of branch in a repository and every start, progress and
 * end of a job in it. It costs a few `stat` calls: no git command is run and no file is read.
 */
export async function changeMark(
  repository: Pick<Repository, 'folder' | 'gitFolder' | 'commonFolder'>,
): Promise<string> {
  const { gitFolder, commonFolder } = repository;
  const refs = ['packed-refs', 'refs/heads', 'refs/tags', 'reftable/tables.list'];
  const files = [
    ...['HEAD', 'logs/HEAD'].map((name) => path.join(gitFolder, name)),
    ...refs.map((name) => path.join(commonFolder, name)),
    ...(await eventLogs(repository.folder)),
  ];
  return (await Promise.all(files.map(markOf))).join('\n');
}

/** Of the newest jobs: their ids end with the time of their creation and eight digits. */
async function eventLogs(repositoryFolder: string): Promise<string[]> {
  const folder = jobsFolder(repositoryFolder);
  const ids = await readdir(folder).catch(() => []);
  const timeOf = (id: string) => id.slice(-'20260303120000-1a2b3c4d'.length);
  const newest = ids.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).slice(-newestJobs);
  return newest.map((id) => path.join(folder, id, jobFile.events));
}

async function markOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? file : `${file} ${found.mtimeMs} ${found.size}`;
}
