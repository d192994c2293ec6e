import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { gitMissing, identityMissing, notARepository, noWorkTree, operationInProgress } from './errors.ts';
import { createGit, type Git, gitMessage } from './git.ts';

/** A git work tree: where it is and how to run git in it. */
export interface Repository {
  /** Top folder of the work tree, absolute. */
  readonly folder: string;
  /** Its own git folder (of a linked worktree or a submodule: not `.git`). */
  readonly gitFolder: string;
  readonly git: Git;
}

/** Finds the repository around `folder`; a UserError says what to do when there is none. */
export async function findRepository(folder: string): Promise<Repository> {
  const start = await existingFolder(folder);
  try {
    const output = await createGit(start)(['rev-parse', '--is-bare-repository', '--absolute-git-dir']);
    const [isBare, gitFolder] = output.trim().split('\n');
    if (isBare === 'true' || gitFolder === undefined) throw noWorkTree(start);
    const top = (await createGit(start)(['rev-parse', '--show-toplevel'])).trim();
    return { folder: path.resolve(top), gitFolder: path.resolve(gitFolder), git: createGit(top) };
  } catch (error) {
    const message = gitMessage(error);
    if (/ENOENT/.test(message)) throw gitMissing(error);
    if (/not a git repository|must be run in a work tree/i.test(message)) throw notARepository(start);
    throw error;
  }
}

/** Who commits here, and whether commits are signed. */
export interface Committer {
  /** `Name <e-mail>` */
  readonly person: string;
  readonly signs: boolean;
}

/** Asks git who commits; a UserError gives the two commands when git was never told. */
export async function findCommitter(git: Git): Promise<Committer> {
  try {
    const [identity, signs] = await Promise.all([
      git(['-c', 'user.useConfigOnly=true', 'var', 'GIT_COMMITTER_IDENT']),
      git(['config', '--type=bool', '--default=false', '--get', 'commit.gpgsign']),
    ]);
    return { person: identity.trim().replace(/ \d+ [+-]\d{4}$/, ''), signs: signs.trim() === 'true' };
  } catch (error) {
    if (/tell me who you are|auto-detection is disabled|empty ident/i.test(gitMessage(error))) throw identityMissing();
    throw error;
  }
}

/** Refuses while git is in the middle of something that rewinds HEAD when it is aborted. A merge is safe. */
export function refuseDuringRewrite(repository: Repository): void {
  for (const [file, operation] of [
    ['rebase-merge', 'rebase'],
    ['rebase-apply', 'rebase'],
    ['BISECT_LOG', 'bisect'],
  ] as const) {
    if (existsSync(path.join(repository.gitFolder, file))) throw operationInProgress(operation);
  }
}

async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw notARepository(folder);
  return realpath(folder);
}
