import type { Diagnostic } from 'typescript';
import type { CellDiagnostic } from '../../protocol.ts';
import { eitherCall } from '../../rewrite/shell.ts';
import type { TypeScript } from '../../transform/typescript.ts';
import type { NotebookService, OpenCell } from '../service.ts';

/** Assignments to imports: that is how cells are put together, and no mistake unless the name is constant. */
const importAssignments = new Set([2632, 2539, 2540]);
const unknownName = 2304;
/** Something "is of type 'unknown'": no wonder while the cell that it comes from has not run. */
const ofTypeUnknown = new Set([2571, 18046]);

/** Mistakes in magic lines and type errors of the cell in hand. */
export function diagnose(ts: TypeScript, notebook: NotebookService, cell: OpenCell): CellDiagnostic[] {
  const inMagics = cell.unit.cell.mistakes.map(
    ({ start, end, message }): CellDiagnostic => ({ start, end, severity: 'error', code: 'magic', message }),
  );
  const inTypes = notebook.diagnostics().flatMap((found): CellDiagnostic[] => {
    const place = placeOf(found, cell);
    const name = place === undefined ? '' : cell.unit.cell.text.slice(place.start, place.end);
    if (place === undefined || isNoMistake(found, cell, name)) return [];
    const message = importAssignments.has(found.code)
      ? `Cannot assign to '${name}' because it is a constant.`
      : ts.flattenDiagnosticMessageText(found.messageText, '\n');
    return [{ ...place, severity: 'error', code: found.code, message }];
  });
  return [...inMagics, ...inTypes];
}

/** Syntax errors that are noticed only behind the cell belong to its end; other errors there are ours. */
function placeOf(
  { start = 0, length = 0, code }: Diagnostic,
  cell: OpenCell,
): { start: number; end: number } | undefined {
  const from = cell.toCell(start);
  const { text } = cell.unit.cell;
  if (from === undefined) {
    const isBehind = start > cell.toFile(text.length);
    return isBehind && code < 2000 ? { start: Math.max(0, text.length - 1), end: text.length } : undefined;
  }
  return { start: from, end: Math.max(from + 1, cell.toCell(start + length) ?? text.length) };
}

function isNoMistake({ code, start = 0 }: Diagnostic, { unit, toFile }: OpenCell, name: string): boolean {
  if (importAssignments.has(code)) {
    const declared = unit.needs.get(name)?.cell.declared.find((d) => d.name === name);
    return declared?.constant !== true;
  }
  if (ofTypeUnknown.has(code)) return [...unit.needs.values()].some((provider) => !provider.hasRun);
  // What the notebook does not know is the shell's.
  const before = unit.cell.code.slice(0, start - toFile(0) + unit.cell.positions.toGenerated(0));
  return code === unknownName && before.endsWith(eitherCall);
}
