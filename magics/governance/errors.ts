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

export function ownerDoubtful(folder: string): UserError {
  return new UserError(
    `${folder} belongs to another user, so git does not work in it. If you trust it: git config --global --add safe.directory ${folder}`,
  );
}

export function repositoryReadOnly(gitFolder: string, cause: unknown): UserError {
  return new UserError(
    `${gitFolder} cannot be written, so nothing can be recorded. Give this user write access to it, or work in a clone.`,
    { cause },
  );
}

export function branchNameInvalid(branch: string): UserError {
  return new UserError(
    `"${branch}" (git config governance.branch) cannot be a branch. Set another: git config governance.branch llmops`,
  );
}

export function branchElsewhere(branch: string, folder: string): UserError {
  return new UserError(
    `The records' branch ${branch} (git config governance.branch) is checked out in ${folder}. ` +
      'Work there, or check out another branch in it.',
  );
}

export function nameDiffersInCase(path: string, existing: string): UserError {
  return new UserError(
    `"${path}" differs from "${existing}" in upper and lower case alone: on Windows and macOS they are one file. Use the same case, or another name.`,
  );
}

export function pathBlocked(path: string): UserError {
  return new UserError(`"${path}" is a file in one place and a folder in the other. Use another name.`);
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

export function historyMoved(cause: unknown): UserError {
  return new UserError(
    'The branch could not take the imported versions: it has moved, or files under llmops/ are in the way. Run this again.',
    {
      cause,
    },
  );
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
      'Get it from the remote (llmops pull), or make it again by running its cell.',
  );
}

export function objectDamaged(path: string, file: string): UserError {
  return new UserError(
    `The stored copy of ${path} is damaged: its content no longer has the digest in its name. ` +
      `Remove ${file}, then get it from the remote (llmops pull) or make it again by running its cell.`,
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

/** `parent`: the folder that exists, where the name could have been one of the hub's otherwise. */
export function modelFolderNotFound(folder: string, parent?: string): UserError {
  const hub =
    parent === undefined
      ? ''
      : ` The folder "${parent}" exists, so this is read as a path; a model of the Hugging Face hub of that name is hf://${folder}`;
  return new UserError(`There is no model folder ${folder}.${hub}`, { offending: folder });
}

export function recordNotFound(ref: string, available: readonly string[]): UserError {
  const rest = available.length > 0 ? suggestion(ref, available, 'Records') : ' This repository has no records yet.';
  return new UserError(`There is no record "${ref}".${rest}`, { offending: ref });
}

export function exportUnknown(format: string, available: readonly string[]): UserError {
  return new UserError(`"${format}" is no format to export.${suggestion(format, available, 'Formats')}`, {
    offending: format,
  });
}

export function adapterWithoutBase(folder: string): UserError {
  return new UserError(
    `The adapter in ${folder} does not say which model it belongs to. Set "base_model_name_or_path" in its adapter_config.json.`,
  );
}

export function notebookUnreadable(cause: unknown): UserError {
  return new UserError('One of the notebooks to merge is not valid JSON. Resolve it by hand.', { cause });
}
