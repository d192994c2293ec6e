import type { Git } from './git.ts';
import { isFolder, parseTree } from './git-objects.ts';
import type { ObjectReader } from './object-reader.ts';
import type { RecordCommitInfo } from './store.ts';

/** Texts of many files (`HEAD:llmops/runs/a.json`), in order; undefined where missing. */
export async function readTexts(read: ObjectReader, names: readonly string[]): Promise<(string | undefined)[]> {
  const objects = await read(names);
  return objects.map((object) => (object?.type === 'blob' ? object.content.toString('utf8') : undefined));
}

/** Names of the files and folders in a folder (`HEAD:llmops/runs`), folders ending in "/"; none when it is missing. */
export async function listFolder(read: ObjectReader, name: string): Promise<string[]> {
  const [tree] = await read([name]);
  if (tree?.type !== 'tree') return [];
  return parseTree(tree).map((entry) => (isFolder(entry) ? `${entry.name}/` : entry.name));
}

/** Commits that changed any of the paths, newest first; none before the first commit. */
export async function readLog(
  git: Git,
  paths: readonly string[],
  at = 'HEAD',
  limit = 1000,
): Promise<RecordCommitInfo[]> {
  const format = '--format=%x00%H%x09%an%x09%aI%x09%s';
  const args = ['log', format, '--name-only', `--max-count=${limit}`, '--end-of-options', at, '--', ...paths];
  const output = await git(args).catch((error: unknown) => {
    if (/does not have any commits|unknown revision|bad revision|ambiguous argument/i.test(String(error))) return '';
    throw error;
  });
  return output.split('\0').slice(1).map(parseCommit);
}

function parseCommit(text: string): RecordCommitInfo {
  const [head = '', ...paths] = text.split('\n').filter((line) => line !== '');
  const [commit = '', author = '', time = '', ...subject] = head.split('\t');
  return { commit, author, time, subject: subject.join('\t'), paths };
}
