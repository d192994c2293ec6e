import { UserError } from '../../errors.ts';

const short = (digest: string | undefined) => digest?.slice('sha256:'.length, 'sha256:'.length + 8) ?? 'unknown';

export function fileChanged(file: string, before: string, now: string): UserError {
  return new UserError(
    `${file} is not the file that was read: its digest was ${short(before)} and is ${short(now)}. Bring it back from git or from where it came, or load it anew.`,
    { offending: file },
  );
}

export function fileOutside(file: string, digest: string | undefined): UserError {
  return new UserError(
    `${file} (digest ${short(digest)}) is not in the repository. Put it back at this place: records name files from the top of the repository.`,
    { offending: file },
  );
}

export function inputUnrecorded(name: string, digest: string | undefined): UserError {
  return new UserError(
    `No record of data set ${name} has the digest ${short(digest)}: it was read from a file without %dataset load, or its commits are gone.`,
    { offending: name },
  );
}

export function stepUnknown(name: string, verb: string): UserError {
  return new UserError(`The step "${verb}" of ${name} cannot be run again by this version.`, { offending: verb });
}
