import { randomInt } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryBusy, repositoryReadOnly } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { gitMessage } from './git.ts';
import { finishInterrupted } from './index-update.ts';
import { type Repository, refuseDuringRewrite } from './repository.ts';

/** Does `work` as the only one of our writers in this repository, again while others hold git's locks or move the ref. */
export async function withRepositoryLock<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
  const isOnHead = repository.ref === 'HEAD';
  const lock = path.join(isOnHead ? repository.gitFolder : repository.commonFolder, 'llmops-commit.lock');
  const locked = withFileLock(
    lock,
    () => repositoryBusy(lock),
    async () => {
      if (isOnHead) refuseDuringRewrite(repository);
      return retryWhileLocked(repository.patienceMs, async () => {
        if (isOnHead) await finishInterrupted(repository);
        return work();
      });
    },
    { timeoutMs: repository.patienceMs },
  );
  return locked.catch((error: unknown) => {
    if (/EACCES|EROFS|Permission denied|Read-only file system|insufficient permission/.test(gitMessage(error))) {
      throw repositoryReadOnly(repository.gitFolder, error);
    }
    throw error;
  });
}

/** Repeats `work` with jitter while another process holds a lock or has moved the ref in between. */
async function retryWhileLocked<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const message = gitMessage(error);
      if (!/\.lock'?: File exists|but expected|reference already exists|cannot lock ref/.test(message)) throw error;
      if (Date.now() > deadline) throw repositoryBusy(message);
      await sleep(randomInt(5, 40 * Math.min(attempt + 1, 8)));
    }
  }
}
