import { UserError } from './errors.ts';

/** Why a disk takes no more, and what to do about it, in words. */
export interface DiskFailure {
  /** `no space is left on the disk` */
  readonly reason: string;
  /** `Make room` */
  readonly remedy: string;
}

const failures: Readonly<Record<string, DiskFailure>> = {
  ENOSPC: { reason: 'no space is left on the disk', remedy: 'Make room' },
  EDQUOT: { reason: 'the disk quota is used up', remedy: 'Make room' },
  EROFS: { reason: 'the disk is read-only', remedy: 'Make it writable' },
};

/** What git and other programs say instead of a code. */
const sayings: readonly [saying: RegExp, code: string][] = [
  [/no space left on device|out of disk ?space/i, 'ENOSPC'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/read-only file system/i, 'EROFS'],
];

/** Tells whether a disk that takes no more made something fail; undefined for any other failure. */
export function diskFailure(error: unknown): DiskFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code ?? sayings.find(([saying]) => saying.test(error.message))?.[1];
  return failures[String(code)] ?? diskFailure(error.cause);
}

/** `action` in the user's words (`%dataset load`), stopped by a disk that takes no more; undefined for any other failure. */
export function stoppedByDisk(action: string, cause: unknown): UserError | undefined {
  const failure = diskFailure(cause);
  if (failure === undefined) return undefined;
  const file = (cause as NodeJS.ErrnoException).path;
  const where = file === undefined ? '' : ` (${file})`;
  return new UserError(
    `${action} was stopped: ${failure.reason}${where}. ${failure.remedy} and run it again; what was saved before is kept.`,
    { cause },
  );
}
