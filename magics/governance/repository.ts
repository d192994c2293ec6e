import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  branchElsewhere,
  branchNameInvalid,
  gitMissing,
  identityMissing,
  notARepository,
  noWorkTree,
  operationInProgress,
  ownerDoubtful,
} from './errors.ts';
import { createGit, type Git, GitFailure, gitMessage } from './git.ts';
import type { ObjectFormat } from './git-objects.ts';
import { createObjectReader, type ObjectReader } from './object-reader.ts';

/** A git work tree: where it is and how to run git in it. */
export interface Repository {
  /** Top folder of the work tree, absolute. */
  readonly folder: string;
  /** Its own git folder (of a linked worktree or a submodule: not `.git`). */
  readonly gitFolder: string;
  /** The git folder that all its worktrees share. */
  readonly commonFolder: string;
  readonly objectFormat: ObjectFormat;
  /** What records are committed on and read from: `HEAD`, or the branch that `governance.branch` names. */
  readonly ref: string;
  /** What that branch starts from when it does not exist yet: the remote's, fetched before. */
  readonly base?: string;
  readonly patienceMs: number;
  readonly git: Git;
  readonly read: ObjectReader;
}

export interface RepositoryOptions {
  /** How long locks of other programs are waited for; 20 s when absent. */
  readonly patienceMs?: number;
}

/** Finds the repository around `folder`; a UserError says what to do when there is none. */
export async function findRepository(
  folder: string,
  { patienceMs = 20_000 }: RepositoryOptions = {},
): Promise<Repository> {
  const start = await existingFolder(folder);
  const [facts, branch] = await Promise.all([askAbout(start), createGit(start)(branchSetting).catch(() => '')]);
  const [isBare, objectFormat, gitFolder = '', commonFolder = '', top = ''] = facts;
  if (isBare === 'true' || top === '') throw noWorkTree(start);
  const git = createGit(top);
  const ref = await recordRef(git, branch.trim());
  return {
    folder: path.resolve(top),
    gitFolder: path.resolve(gitFolder),
    commonFolder: path.resolve(commonFolder),
    objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1',
    ref,
    base: ref === 'HEAD' ? undefined : `refs/remotes/origin/${branch.trim()}`,
    patienceMs,
    git,
    read: createObjectReader(top),
  };
}

const branchSetting = ['config', '--get', 'governance.branch'];

async function askAbout(folder: string): Promise<string[]> {
  const questions = ['--is-bare-repository', '--show-object-format', '--absolute-git-dir'];
  const paths = ['--path-format=absolute', '--git-common-dir', '--show-toplevel'];
  try {
    return (await createGit(folder)(['rev-parse', ...questions, ...paths])).trimEnd().split('\n');
  } catch (error) {
    const message = gitMessage(error);
    if (/ENOENT/.test(message)) throw gitMissing(error);
    if (/dubious ownership/.test(message)) throw ownerDoubtful(folder);
    if (/must be run in a work tree/i.test(message) && error instanceof GitFailure) throw noWorkTree(folder);
    if (/not a git repository/i.test(message)) throw notARepository(folder);
    throw error;
  }
}

/** `HEAD` where the records' own branch is the one checked out: then the work tree follows. */
async function recordRef(git: Git, branch: string): Promise<string> {
  if (branch === '') return 'HEAD';
  const ref = `refs/heads/${branch}`;
  const [current, worktrees] = await Promise.all([
    git(['symbolic-ref', '--quiet', 'HEAD']).catch(() => ''),
    git(['worktree', 'list', '--porcelain']),
    git(['check-ref-format', ref]).catch(() => {
      throw branchNameInvalid(branch);
    }),
  ]);
  if (current.trim() === ref) return 'HEAD';
  const holder = worktrees.split('\n\n').find((worktree) => worktree.includes(`\nbranch ${ref}`));
  if (holder !== undefined) throw branchElsewhere(branch, /^worktree (.*)/.exec(holder)?.[1] ?? '');
  return ref;
}

/** Who commits here, and whether commits are signed. */
export interface Committer {
  /** `Name <e-mail>` of the committer. */
  readonly person: string;
  /** `Name <e-mail>` of the author. */
  readonly author: string;
  readonly signs: boolean;
}

/** Asks git who commits; a UserError gives the two commands when git was never told. */
export async function findCommitter(git: Git): Promise<Committer> {
  const known = ['-c', 'user.useConfigOnly=true', 'var'];
  try {
    const [committer, author, signs] = await Promise.all([
      git([...known, 'GIT_COMMITTER_IDENT']),
      git([...known, 'GIT_AUTHOR_IDENT']),
      git(['config', '--type=bool', '--default=false', '--get', 'commit.gpgsign']),
    ]);
    return { person: withoutTime(committer), author: withoutTime(author), signs: signs.trim() === 'true' };
  } catch (error) {
    if (/tell me who you are|auto-detection is disabled|empty ident/i.test(gitMessage(error))) throw identityMissing();
    throw error;
  }
}

const withoutTime = (identity: string) => identity.trim().replace(/ \d+ [+-]\d{4}$/, '');

/** Refuses while git is in the middle of something that rewinds HEAD when it is aborted. Merges and cherry-picks are safe. */
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
