import { findPii } from './pii/find-pii.ts';

/** Something about a data set that its user should know, with evidence and the next command. */
export interface Finding {
  /** From 0 to 100; the heaviest is shown first. */
  readonly weight: number;
  readonly text: string;
  /** An example or two. */
  readonly evidence?: string;
  /** A cell's line that does something about it. */
  readonly next?: string;
  /** Rows to look at, counted from 0 among the rows that were looked at. */
  readonly rows?: readonly number[];
  /** True where those rows hold what should not be shown around: outputs of notebooks are committed and sent. */
  readonly isPrivate?: boolean;
}

/** `4.3%`, and `<0.1%` for what would round to nothing. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return share > 0 && share < 0.1 ? '<0.1%' : `${share.toFixed(1)}%`;
}

/** A text in quotes, in one line, without personal data, and cut to 80 characters. */
export function quote(text: string): string {
  const line = masked(text.slice(0, 1000)).replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;
}

/** A text whose personal data is replaced by its kind: for outputs, which are committed and sent around. */
export function masked(text: string): string {
  let result = '';
  let end = 0;
  for (const { kind, start, end: next } of findPii(text)) {
    result += `${text.slice(end, start)}<${kind}>`;
    end = next;
  }
  return result + text.slice(end);
}
