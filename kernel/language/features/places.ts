import { readFileSync } from 'node:fs';
import type { Node } from 'typescript';
import type { Location, Position } from '../../protocol.ts';
import type { Unit } from '../scope.ts';
import type { OpenCell } from '../service.ts';

/** The statement of a cell that holds a node, as typed. */
export function statementText({ cell: { file, text, positions } }: Unit, node: Node): string {
  let statement = node;
  while (statement.parent !== undefined && statement.parent !== file) statement = statement.parent;
  return text.slice(positions.toOriginal(statement.getStart(file)), positions.toOriginal(statement.end));
}

/** The name around an offset of the cell as typed. */
export function nameAt({ unit }: OpenCell, offset: number): string {
  const { text } = unit.cell;
  const [before = ''] = /[\w$]*$/.exec(text.slice(0, offset)) ?? [];
  const [after = ''] = /^[\w$]*/.exec(text.slice(offset)) ?? [];
  return before + after;
}

/** A stretch of a cell as typed. */
export function inCell({ cellId, cell }: Unit, start: number, end: number): Location {
  return { cellId, start: positionAt(cell.text, start), end: positionAt(cell.text, end) };
}

/** A stretch of a file; nothing when it exists only in memory. */
export function inFile(file: string, start: number, end: number): Location[] {
  try {
    const text = readFileSync(file, 'utf8');
    return [{ file, start: positionAt(text, start), end: positionAt(text, end) }];
  } catch {
    return [];
  }
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: before.length - (before.lastIndexOf('\n') + 1) };
}
