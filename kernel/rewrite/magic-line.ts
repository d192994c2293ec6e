/** A magic line or cell as found by the scanner. Offsets are in the cell. */
export interface MagicLine {
  readonly name: string;
  /** Offset of the `%`. */
  readonly start: number;
  /** End of the name. */
  readonly nameEnd: number;
  /** End of the line. */
  readonly end: number;
  /** Start of the lines below a `%%` line. */
  readonly body?: number;
}

/** Where its name stands. */
export function nameOfLine(line: MagicLine): { start: number; end: number } {
  return { start: line.start, end: line.nameEnd };
}
