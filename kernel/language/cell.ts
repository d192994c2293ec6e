import type { SourceFile } from 'typescript';
import type { Magic } from '../../magics/magic.ts';
import { MagicError } from '../rewrite/errors.ts';
import { rewrite } from '../rewrite/rewrite.ts';
import type { PositionMap } from '../rewrite/writer.ts';
import { unreadable } from '../transform/transform.ts';
import type { TypeScript } from '../transform/typescript.ts';
import { type DeclaredName, declaredNames, mentionedNames } from './declarations.ts';

/** Types of variables: name -> TypeScript. */
export type VariableTypes = Readonly<Record<string, string>>;

/** A cell's text, read. */
export interface Cell {
  readonly text: string;
  /** TypeScript; magic lines that make no sense yet are left out. */
  readonly code: string;
  readonly file: SourceFile;
  readonly positions: PositionMap;
  readonly mistakes: readonly MagicError[];
  readonly declared: readonly DeclaredName[];
  readonly mentions: ReadonlySet<string>;
}

/** Cells whose reading is kept: a question comes with the whole notebook, of which little has changed. */
const keptCells = 2000;

/** On some texts that are far from TypeScript its own parser fails: such a cell counts as blank. */
function parse(ts: TypeScript, code: string): SourceFile {
  const toFile = (text: string) => ts.createSourceFile('cell.ts', text, ts.ScriptTarget.Latest, true);
  try {
    return toFile(code);
  } catch {
    return toFile(code.replace(/\S/g, ' '));
  }
}

/** Reads cells; the same text is read once. `types`: what is known of the variables that its magics bind. */
export function createCellReader(ts: TypeScript, magics: readonly Magic[]) {
  const known = new Map<string, Cell>();

  function read(text: string, types: VariableTypes): Cell {
    const mistakes: MagicError[] = [];
    const { code, positions } = rewrite(text, magics, { onMistake: (m) => mistakes.push(m), bindingTypes: types });
    const file = parse(ts, code);
    if (file.text !== code) mistakes.push(new MagicError(unreadable, 0, text.length));
    const declared = declaredNames(ts, file);
    return { text, code: file.text, file, positions, mistakes, declared, mentions: mentionedNames(ts, file) };
  }

  return (text: string, types: VariableTypes = {}): Cell => {
    const key = `${JSON.stringify(types)}${text}`;
    const cell = known.get(key) ?? read(text, types);
    known.delete(key);
    known.set(key, cell);
    if (known.size > keptCells) known.delete(known.keys().next().value!);
    return cell;
  };
}
