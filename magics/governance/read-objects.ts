import type { Git } from './git.ts';
import type { RecordCommitInfo } from './store.ts';

/** Texts of many objects (`HEAD:llmops/runs/a.json`), in order, through one `git cat-file --batch`; undefined where missing. */
export async function readObjects(git: Git, names: readonly string[]): Promise<(string | undefined)[]> {
  const asked = names.filter((name) => !name.includes('\n'));
  if (asked.length === 0) return names.map(() => undefined);
  const output = Buffer.from(await git(['cat-file', '--batch'], { input: `${asked.join('\n')}\n` }));
  const texts = new Map<string, string | undefined>();
  let offset = 0;
  for (const name of asked) {
    const end = output.indexOf('\n', offset);
    const header = output.toString('utf8', offset, end);
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(header)?.[1];
    offset = end + 1;
    if (size === undefined) continue;
    texts.set(name, output.toString('utf8', offset, offset + Number(size)));
    offset += Number(size) + 1;
  }
  return names.map((name) => texts.get(name));
}

/** Paths of the files below a folder of a commit, from the repository's top; none when the commit or folder is missing. */
export async function listFiles(git: Git, folder: string, at = 'HEAD'): Promise<string[]> {
  try {
    const output = await git(['ls-tree', '-r', '-z', '--name-only', '--end-of-options', at, folder]);
    return output.split('\0').filter((name) => name !== '');
  } catch (error) {
    if (/not a valid object name|not a tree object/i.test(String(error))) return [];
    throw error;
  }
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
