/** A cell's or file's text, and what people call it. */
export interface SourceText {
  /** Execution count of a cell, or a file's path. */
  readonly label: number | string;
  readonly text: string;
  /** The TypeScript made of the text, when it has magics. */
  readonly typescript?: string;
  /** Offset in the TypeScript -> offset in the text. */
  toOriginal?(offset: number): number;
  /** Source map from the generated code to the TypeScript, as JSON. */
  readonly map?: string;
}

const contextLines = 2;

/** The lines around a place with a caret under it. `end` counts only on the first line. */
export function frameAt(source: SourceText | undefined, start: number, end = start + 1): string[] {
  if (source === undefined) return [];
  const lines = source.text.split('\n');
  const { line, column } = positionAt(source.text, start);
  const width = Math.max(1, Math.min(end - start, lines[line]!.length - column));
  const first = Math.max(0, line - contextLines);
  const shown = lines.slice(first, line + contextLines + 1);
  const digits = String(first + shown.length).length;
  return shown.flatMap((text, i) => {
    const isHere = first + i === line;
    const gutter = `${isHere ? '>' : ' '} ${String(first + i + 1).padStart(digits)} | `;
    const caret = `  ${' '.repeat(digits)} | ${blank(text.slice(0, column))}${'^'.repeat(width)}`;
    return isHere ? [gutter + text, caret] : [gutter + text];
  });
}

/** Zero-based line and column of an offset. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, offset));
  return { line: before.split('\n').length - 1, column: before.length - (before.lastIndexOf('\n') + 1) };
}

/** Offset of a zero-based line and column; at most the end of that line. */
export function offsetAt(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line).reduce((sum, l) => sum + l.length + 1, 0);
  return Math.min(text.length, before + Math.min(column, lines[line]?.length ?? 0));
}

/** Spaces as wide as the text: tabs stay tabs. */
function blank(text: string): string {
  return text.replace(/[^\t]/g, ' ');
}
