import { suggestion, UserError } from '../errors.ts';

export function notARepository(folder: string): UserError {
  return new UserError(
    `${folder} is not a git repository, so nothing can be recorded. Make one with: %llmops init (in a terminal: git init)`,
  );
}

export function noWorkTree(folder: string): UserError {
  return new UserError(
    `${folder} is a bare git repository. Open a clone or a worktree of it: records need a work tree.`,
  );
}

export function gitMissing(cause: unknown): UserError {
  return new UserError('git was not found. Install it (https://git-scm.com/downloads) so that `git --version` works.', {
    cause,
  });
}

export function identityMissing(): UserError {
  return new UserError(
    'git does not know who you are, so it cannot record a commit. Tell it once with:\n' +
      '  git config --global user.name "Your Name"\n' +
      '  git config --global user.email you@example.com',
  );
}

/** `operation`: rebase, am or bisect: whatever is committed now would be left behind when it is aborted. */
export function operationInProgress(operation: string): UserError {
  const finish = operation === 'bisect' ? 'git bisect reset' : `git ${operation} --continue (or --abort)`;
  return new UserError(
    `A git ${operation} is in progress, and a record committed now could be lost with it. ` +
      `Finish it with ${finish}, then run this again.`,
  );
}

export function recordInConflict(path: string): UserError {
  return new UserError(`${path} has a merge conflict. Resolve it (git add ${path}), then run this again.`);
}

export function tagExists(tag: string): UserError {
  return new UserError(`The tag ${tag} exists already: versions never change. Use the next version.`);
}

export function tagInvalid(tag: string): UserError {
  return new UserError(`"${tag}" cannot be a git tag. Use a name of letters, digits, "_" and "-".`);
}

export function repositoryBusy(detail: string): UserError {
  return new UserError(
    `The git repository stayed locked by another process: ${detail} ` +
      'If no git command is running, remove the .lock file that git names, then run this again.',
  );
}

export function recordDamaged(path: string, problem: string): UserError {
  return new UserError(`The record ${path} is damaged: ${problem}. Restore it with: git checkout HEAD~1 -- ${path}`);
}

export function recordInvalid(path: string, problem: string): UserError {
  return new UserError(`The record ${path} cannot be written: ${problem}.`);
}

export function pathOutside(path: string): UserError {
  return new UserError(`"${path}" is not a path inside its folder. Use a relative path without "..".`);
}

export function objectMissing(path: string, oid: string): UserError {
  return new UserError(
    `The file ${path} (${oid.slice(0, 19)}...) is not in this copy of the repository: .llmops/objects is local. ` +
      'Copy it from the machine that made it, or make it again by running its cell.',
  );
}

export function objectDamaged(path: string, file: string): UserError {
  return new UserError(
    `The stored copy of ${path} is damaged: its content no longer has the digest in its name. ` +
      `Remove ${file} and make it again by running its cell.`,
  );
}

export function modelNotFound(ref: string, available: readonly string[]): UserError {
  const rest = available.length > 0 ? suggestion(ref, available, 'Models') : ' Make one with %finetune --as NAME.';
  return new UserError(`Model "${ref}" does not exist.${rest}`, { offending: ref });
}

export function versionNotFound(ref: string, versions: readonly string[]): UserError {
  return new UserError(`Model "${ref}" does not exist.${suggestion(ref, versions, 'Versions')}`, { offending: ref });
}

export function modelFolderIncomplete(folder: string): UserError {
  return new UserError(
    `${folder} is not a model: it has no config.json. Give a folder in Hugging Face layout, or name@v1.0.0.`,
    { offending: folder },
  );
}

export function recordNotFound(ref: string, available: readonly string[]): UserError {
  const rest = available.length > 0 ? suggestion(ref, available, 'Records') : ' This repository has no records yet.';
  return new UserError(`There is no record "${ref}".${rest}`, { offending: ref });
}
