import type { Node, PropertyAssignment, StringLiteralLike } from 'typescript';
import { createGit } from '../../magics/governance/git.ts';
import { isRecordedVersion, parseReference } from '../../magics/governance/reference.ts';
import { listTags } from '../../magics/governance/tags.ts';
import type { CellDiagnostic } from '../protocol.ts';
import type { TypeScript } from '../transform/typescript.ts';
import type { Cell } from './cell.ts';
import type { LanguageAnswer } from './messages.ts';

const shownVersions = 8;
/** Options that take models. */
const modelOptions = ['model', 'models', 'base_model', 'against', 'by'];
const optionValue = new RegExp(`\\b(?:${modelOptions.join('|')})["']?\\s*:\\s*(?:\\[[^\\]]*)?["'\`]([^"'\`\\n]*)$`);

/** Versions that the folder's repository registers, `name@vX.Y.Z`; none outside of a repository. */
export async function registeredVersions(folder: string): Promise<string[]> {
  const tags = await listTags(createGit(folder)).catch(() => []);
  const named = (action: string) =>
    tags.filter((tag) => tag.action === action).map(({ name, version }) => `${name}@${version}`);
  const gone = new Set(named('deregister'));
  return named('register').filter((ref) => !gone.has(ref));
}

/** True when the cell names a version of a model: only then need the registered ones be read. */
export function namesVersions(cell: Cell): boolean {
  return /@v\d+\.\d+\.\d+/.test(cell.code);
}

/** Errors of a cell that names a version which its model does not have. Other models may yet be made by the cells above. */
export function wrongVersions(ts: TypeScript, cell: Cell, registered: readonly string[]): CellDiagnostic[] {
  return modelTexts(ts, cell).flatMap((literal): CellDiagnostic[] => {
    const { name, version = '' } = parseReference(literal.text);
    const known = registered.filter((ref) => ref.startsWith(`${name}@`));
    if (!isRecordedVersion(version) || known.length === 0 || known.includes(`${name}@${version}`)) return [];
    const message = `There is no ${literal.text}. Versions: ${known.slice(-shownVersions).join(', ')}.`;
    const place = {
      start: cell.positions.toOriginal(literal.getStart(cell.file)),
      end: cell.positions.toOriginal(literal.end),
    };
    return [{ ...place, severity: 'error', code: 'version', message }];
  });
}

/** Versions for the text that is being typed as an option's value; undefined elsewhere. */
export async function completeVersion(
  code: string,
  offset: number,
  readVersions: () => Promise<readonly string[]>,
): Promise<LanguageAnswer<'complete'> | undefined> {
  const typed = optionValue.exec(code.slice(0, offset))?.[1];
  if (typed === undefined) return undefined;
  const fitting = (await readVersions()).filter((ref) => ref.startsWith(typed));
  if (fitting.length === 0) return undefined;
  return { start: offset - typed.length, end: offset, items: fitting.map((label) => ({ label, kind: 'record' })) };
}

/** Texts that are given to options which take models. */
function modelTexts(ts: TypeScript, { file }: Cell): StringLiteralLike[] {
  const texts: StringLiteralLike[] = [];
  const visit = (node: Node): void => {
    if (ts.isPropertyAssignment(node) && modelOptions.includes(nameOf(ts, node))) {
      const values = ts.isArrayLiteralExpression(node.initializer) ? node.initializer.elements : [node.initializer];
      for (const value of values) if (ts.isStringLiteralLike(value)) texts.push(value);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

function nameOf(ts: TypeScript, { name }: PropertyAssignment): string {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';
}
