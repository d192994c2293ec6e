import type { DefinitionInfo, Identifier, Node } from 'typescript';
import type { CellEdit, CellText, Location } from '../../protocol.ts';
import type { TypeScript } from '../../transform/typescript.ts';
import type { Scope, Unit } from '../scope.ts';
import type { NotebookService, OpenCell } from '../service.ts';
import { inCell, inFile, nameAt, statementText } from './places.ts';

/** The cells around the one in hand. */
export interface Surroundings {
  readonly cell: CellText;
  readonly earlier?: readonly CellText[];
  readonly later?: readonly CellText[];
}

interface Navigation {
  /** Where what stands at `offset` is declared: in this cell, another one, or a file. */
  definition(cell: OpenCell, offset: number): Location[];
  /** The text of that declaration: a cell's as typed, a file's as it stands there. */
  source(cell: OpenCell, offset: number): string | undefined;
  /** All places in the notebook that mean the same. */
  references(around: Surroundings, offset: number): Location[];
  /** The edits that give what stands at `offset` another name. */
  rename(around: Surroundings, offset: number, newName: string): CellEdit[];
}

/** Goes from names to declarations and back, across cells. */
export function createNavigation(ts: TypeScript, notebook: NotebookService, scope: Scope): Navigation {
  const { service, file, declarationsFile } = notebook;

  function definition(cell: OpenCell, offset: number): Location[] {
    const found = service.getDefinitionAtPosition(file, cell.toFile(offset)) ?? [];
    return found.flatMap((info) => locate(info, cell));
  }

  function locate(info: DefinitionInfo, cell: OpenCell): Location[] {
    const { start, length } = info.textSpan;
    if (info.fileName === file) {
      const from = cell.toCell(start);
      return from === undefined ? [] : [inCell(cell.unit, from, from + length)];
    }
    if (info.fileName === declarationsFile) {
      const { unit, node } = declared(info) ?? {};
      if (unit === undefined || node === undefined) return [];
      const from = unit.cell.positions.toOriginal(node.getStart(unit.cell.file));
      return [inCell(unit, from, from + node.text.length)];
    }
    return inFile(info.fileName, start, start + length);
  }

  /** The name in another cell that a place in the declarations stands for. */
  function declared({ textSpan: { start }, name }: DefinitionInfo): { unit: Unit; node: Identifier } | undefined {
    const unit = notebook.unitAt(start);
    const node = unit === undefined ? undefined : declarationIn(unit, topNameAt(start), name);
    return unit === undefined || node === undefined ? undefined : { unit, node };
  }

  function source(cell: OpenCell, offset: number): string | undefined {
    const [info] = service.getDefinitionAtPosition(file, cell.toFile(offset)) ?? [];
    if (info === undefined) return undefined;
    if (info.fileName !== declarationsFile) {
      const { start, length } = info.contextSpan ?? info.textSpan;
      return service
        .getProgram()
        ?.getSourceFile(info.fileName)
        ?.text.slice(start, start + length);
    }
    const found = declared(info);
    return found && statementText(found.unit, found.node);
  }

  /** Name of the top-level declaration that holds an offset of the declarations. */
  function topNameAt(offset: number): string {
    const source = service.getProgram()?.getSourceFile(declarationsFile);
    const holds = (node: Node) => node.pos <= offset && offset < node.end;
    const module = source?.statements.find(holds);
    const body = module !== undefined && ts.isModuleDeclaration(module) ? module.body : undefined;
    const statement = body !== undefined && ts.isModuleBlock(body) ? body.statements.find(holds) : undefined;
    if (statement === undefined) return '';
    if (ts.isVariableStatement(statement)) {
      const declared = statement.declarationList.declarations.find(holds);
      return declared !== undefined && ts.isIdentifier(declared.name) ? declared.name.text : '';
    }
    const name = ts.getNameOfDeclaration(statement as never);
    return name !== undefined && ts.isIdentifier(name) ? name.text : '';
  }

  /** The declaration of a top-level name in a cell, or of a member inside it. */
  function declarationIn(unit: Unit, top: string, name: string): Identifier | undefined {
    const declared = unit.cell.declared.find((d) => d.name === (top === '' ? name : top))?.node;
    if (declared === undefined || declared.text === name) return declared;
    let member: Identifier | undefined;
    const visit = (node: Node): void => {
      const named = member === undefined ? ts.getNameOfDeclaration(node as never) : undefined;
      if (named !== undefined && ts.isIdentifier(named) && named.text === name) member = named;
      else if (member === undefined) ts.forEachChild(node, visit);
    };
    visit(declared.parent);
    return member ?? declared;
  }

  function references(around: Surroundings, offset: number): Location[] {
    return places(around, offset).map(({ unit, start, end }) => inCell(unit, start, end));
  }

  function rename(around: Surroundings, offset: number, newName: string): CellEdit[] {
    return places(around, offset).map(({ unit, start, end, prefix, suffix }) => ({
      cellId: unit.cellId,
      start,
      end,
      text: `${prefix}${newName}${suffix}`,
    }));
  }

  /** Every place in the notebook where the name at `offset` stands. */
  function places({ cell, earlier = [], later = [] }: Surroundings, offset: number): Place[] {
    const cells = [...earlier, cell, ...later];
    const here = earlier.length;
    const open = notebook.open(scope.place(cell, earlier));
    const name = nameAt(open, offset);
    const declares = (place: number) =>
      scope.place(cells[place]!, []).cell.declared.some((declared) => declared.name === name);
    if (!isShared(open, offset, name)) return placesIn(open, open.toFile(offset));
    let first = here;
    while (first > 0 && !declares(first)) first--;
    let end = first + 1;
    while (end < cells.length && !declares(end)) end++;
    return cells.slice(first, end).flatMap((text, i) => {
      if (!text.code.includes(name)) return [];
      const opened = notebook.open(scope.place(text, cells.slice(0, first + i)));
      const at = declaredAt(opened, name) ?? opened.importOf(name);
      return at === undefined ? [] : placesIn(opened, at);
    });
  }

  /** True when the name at `offset` comes from another cell, or is declared for later ones. */
  function isShared(open: OpenCell, offset: number, name: string): boolean {
    const at = open.importOf(name) ?? declaredAt(open, name);
    return at !== undefined && placesIn(open, at).some(({ start, end }) => start <= offset && offset <= end);
  }

  /** Where the cell declares a name, in the virtual file. */
  function declaredAt({ unit: { cell }, toFile }: OpenCell, name: string): number | undefined {
    const declared = cell.declared.find((d) => d.name === name)?.node;
    return declared && toFile(cell.positions.toOriginal(declared.getStart(cell.file)));
  }

  function placesIn(open: OpenCell, at: number): Place[] {
    const found = service.findRenameLocations(file, at, false, false, { providePrefixAndSuffixTextForRename: true });
    const { text } = open.unit.cell;
    return (found ?? []).flatMap(({ fileName, textSpan, prefixText = '', suffixText = '' }): Place[] => {
      const start = fileName === file ? open.toCell(textSpan.start) : undefined;
      if (start === undefined) return [];
      const end = start + textSpan.length;
      const isCopied = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(text.slice(start, end));
      return isCopied ? [{ unit: open.unit, start, end, prefix: prefixText, suffix: suffixText }] : [];
    });
  }

  return { definition, source, references, rename };
}

interface Place {
  readonly unit: Unit;
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
  readonly suffix: string;
}
