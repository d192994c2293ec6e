import { UserError } from '../../errors.ts';

/** What to do where a disk had no room for the work of a database, by Node or by DuckDB; undefined for any other failure. */
export function diskFull(error: unknown, folder: string): UserError | undefined {
  if (!(error instanceof Error) || error instanceof UserError) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device/i.test(error.message);
  if (!isFull) return undefined;
  return new UserError(
    `The disk is full: the rows need room in the repository (.llmops/cache) and, while they are worked on, about twice their size below ${folder}. Nothing was kept or changed. Free some space, or set TMPDIR to a larger disk, and run it again.`,
    { cause: error },
  );
}
