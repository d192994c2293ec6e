import { UserError } from '../../errors.ts';

/** A place in a file that could not be read as a row. */
export interface Malformed {
  /** From 1. */
  readonly line: number;
  /** The offending text, cut to a readable length. */
  readonly text: string;
  readonly reason: string;
  /** The file, where several were read. */
  readonly file?: string;
}

/** What a format's reader gives: columns in order of appearance, rows, and the rows that were skipped. */
export interface ParsedRows {
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
  readonly skipped: readonly Malformed[];
}

/** What to do with a malformed row: remember it and go on, or stop with a UserError. */
export interface MalformedRows {
  readonly skipped: Malformed[];
  add(malformed: Malformed): void;
}

/** Collects malformed rows when they are to be skipped; else the first one is an error. */
export function malformedRows(file: string, skip: boolean): MalformedRows {
  const skipped: Malformed[] = [];
  return {
    skipped,
    add(malformed) {
      if (!skip) throw malformedRow(file, malformed);
      skipped.push(malformed);
    },
  };
}

/** One line of text for an error message. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\r?\n/g, '⏎').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function malformedRow(file: string, { line, text, reason }: Malformed): UserError {
  const shown = text === '' ? '' : `\n  ${excerpt(text)}`;
  return new UserError(
    `${file}, line ${line}: ${reason}.${shown}\nMend the line, or skip such rows with --skip-malformed.`,
    { offending: file },
  );
}
