import { SourceMap } from 'node:module';
import type { CellError } from '../protocol.ts';
import type { ThrownError } from '../threads.ts';
import { frameAt, offsetAt, positionAt, type SourceText } from './code-frame.ts';

/** A frame of the user's own code. */
interface Frame {
  readonly name: string;
  readonly source: SourceText;
  /** Offset in the source's text. */
  readonly offset: number;
  /** The cell's number; undefined for a local module. */
  readonly cell?: number;
}

export interface StackMapper {
  /** Remembers a cell's text, and its map once it is compiled. */
  add(cell: number, source: SourceText): void;
  source(cell: number): SourceText | undefined;
  /** The cell that set off what threw: the outermost of the cells in the stack. */
  causeOf(error: ThrownError): number | undefined;
  /** A thrown error in the cell's own lines: a code frame, then the frames of the user's code. */
  explain(cell: number, error: ThrownError): CellError;
}

/** Cells whose text is kept for the stacks of functions that they defined. */
const keptCells = 1000;
const frame = /^\s+at (?:async )?(?:(.*?) \()?(\[cell (\d+)\]|(?:file:\/\/)?[^()]+?):(\d+):(\d+)\)?$/;

/** Maps V8's stacks back to what the user wrote. `moduleMap`: source map of a compiled local module. */
export function createStackMapper(moduleMap: (file: string) => { text: string; map: string } | undefined): StackMapper {
  const cells = new Map<number, SourceText>();
  const maps = new WeakMap<SourceText, SourceMap>();

  function toOffset(source: SourceText, line: number, column: number): number {
    if (source.map === undefined) return offsetAt(source.text, line - 1, column - 1);
    let map = maps.get(source);
    if (map === undefined) {
      map = new SourceMap(JSON.parse(source.map));
      maps.set(source, map);
    }
    const entry = map.findEntry(line - 1, column - 1);
    if (!('originalLine' in entry)) return 0;
    return toText(source, offsetAt(source.typescript ?? source.text, entry.originalLine, entry.originalColumn));
  }

  function framesOf(stack: string): Frame[] {
    return stack.split('\n').flatMap((line): Frame[] => {
      const [, name = '', where = '', cellNumber, lineNumber, column] = frame.exec(line) ?? [];
      const cell = cellNumber === undefined ? undefined : Number(cellNumber);
      const module = cell === undefined ? moduleMap(where) : undefined;
      const source = cell === undefined ? module && { label: where, ...module } : cells.get(cell);
      if (source === undefined) return [];
      return [{ name, source, cell, offset: toOffset(source, Number(lineNumber), Number(column)) }];
    });
  }

  function explain(cell: number, error: ThrownError): CellError {
    const { name, message, user } = error;
    const source = cells.get(cell);
    if (user) return { name, message, user, ...locate(source, error.offending) };
    const frames = framesOf(error.stack);
    const inCell = frames.find((f) => f.cell === cell);
    const awaitedAt = error.awaitedAt === undefined ? undefined : toText(source, error.awaitedAt);
    const start = inCell?.offset ?? awaitedAt;
    const top = frames[0];
    const code = top === undefined ? start !== undefined && frameAt(source, start) : frameAt(top.source, top.offset);
    const stack = frames.map(describe);
    const cause = error.cause === undefined ? [] : causeLines(error.cause);
    return { name, message, traceback: [...(code || []), ...stack, ...cause], start, end: start };
  }

  return {
    explain,
    causeOf: ({ stack }) => framesOf(stack).findLast((frame) => frame.cell !== undefined)?.cell,
    source: (cell) => cells.get(cell),
    add(cell, source) {
      cells.set(cell, source);
      cells.delete(cell - keptCells);
    },
  };
}

/** Offset in a cell's TypeScript -> offset in its text. */
function toText(source: SourceText | undefined, offset: number): number {
  return source?.toOriginal?.(offset) ?? offset;
}

/** Points to the text that a user error names. */
function locate(source: SourceText | undefined, offending = ''): Pick<CellError, 'traceback' | 'start' | 'end'> {
  const start = offending === '' ? -1 : (source?.text.indexOf(offending) ?? -1);
  if (start < 0) return { traceback: [] };
  const end = start + offending.length;
  return { traceback: frameAt(source, start, end), start, end };
}

function describe({ name, source, offset }: Frame): string {
  const { line } = positionAt(source.text, offset);
  const place = typeof source.label === 'number' ? `cell ${source.label}` : source.label;
  return `    at ${name === '' ? '' : `${name}, `}${place}, line ${line + 1}`;
}

function causeLines(cause: ThrownError): string[] {
  return [`Caused by ${cause.name}: ${cause.message}`, ...(cause.cause === undefined ? [] : causeLines(cause.cause))];
}
