import path from 'node:path';
import type { z } from 'zod';
import { suggestion, UserError } from '../../errors.ts';

/** A mistake in a suite's file, with the line that it is on (from 1) where that is known. */
export class SuiteError extends UserError {
  readonly line?: number;

  constructor(message: string, options: { offending: string; line?: number; cause?: unknown }) {
    super(message, options);
    this.line = options.line;
  }
}

/** The file is not there, or is no text that may be read. */
export function suiteNotFound(file: string, cause: unknown): UserError {
  return new UserError(
    `The suite "${file}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      cause,
      offending: path.basename(file),
    },
  );
}

/** What the file says makes no suite. */
export function suiteUnreadable(file: string, reason: string, line?: number): SuiteError {
  const name = path.basename(file);
  const place = line === undefined ? '' : ` (line ${line})`;
  return new SuiteError(`${name} is no suite${place}: ${reason}`, { offending: name, line });
}

/** The first thing that the schema refuses; `keysAt` names the valid keys of the mapping at a path. */
export function suiteInvalid(
  file: string,
  error: z.ZodError,
  keysAt: (path: readonly PropertyKey[]) => string[],
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): SuiteError {
  const issue = error.issues[0]!;
  const place = issue.path.length === 0 ? 'it' : `"${issue.path.join('.')}"`;
  if (issue.code !== 'unrecognized_keys')
    return suiteUnreadable(file, `${place === 'it' ? '' : `${place}: `}${issue.message}`, lineOf(issue.path));
  const [key = ''] = issue.keys;
  const reason = `${place} has no key "${key}".${suggestion(key, keysAt(issue.path), 'Keys')}`;
  return suiteUnreadable(file, reason, lineOf([...issue.path, key]));
}

/** `--only` and the records tell tasks apart by their names. */
export function taskNamedTwice(file: string, name: string, line: number | undefined): SuiteError {
  return suiteUnreadable(file, `two of its tasks are called "${name}". Give each a name of its own.`, line);
}
