import type { Node, SourceFile } from 'typescript';
import type { TypeScript } from './typescript.ts';

/** The TypeScript does not parse; `start` and `end` are offsets in it. */
export class CellSyntaxError extends SyntaxError {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'SyntaxError';
    this.start = start;
    this.end = end;
  }
}

/** Throws a CellSyntaxError for mistakes that the compiler leaves to the type check, or forgets. */
export function refuseOversights(ts: TypeScript, file: SourceFile): void {
  refuseStrayAwait(ts, file);
  refuseOpenStrings(ts, file);
  refuseOddImports(ts, file);
}

/** `import a from b` */
function refuseOddImports(ts: TypeScript, file: SourceFile): void {
  for (const statement of file.statements) {
    const from = ts.isImportDeclaration(statement)
      ? statement.moduleSpecifier
      : ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)
        ? statement.moduleReference.expression
        : undefined;
    if (from === undefined || ts.isStringLiteral(from)) continue;
    throw new CellSyntaxError('String literal expected.', from.getStart(file), from.end);
  }
}

/** Of a cell with a top-level `await` the compiler parses parts twice, and may forget that a string is not closed. */
function refuseOpenStrings(ts: TypeScript, file: SourceFile): void {
  ts.forEachChild(file, function visit(node): void {
    // In JSX a backslash is a character like others.
    const isInJsx = ts.isJsxAttribute(node) && node.initializer !== undefined && ts.isStringLiteral(node.initializer);
    if (ts.isStringLiteral(node) && !isClosed(node.getText(file))) {
      throw new CellSyntaxError('Unterminated string literal.', node.getStart(file), node.end);
    }
    if (!isInJsx) ts.forEachChild(node, visit);
  });
}

function isClosed(literal: string): boolean {
  const escapes = /\\*$/.exec(literal.slice(0, -1))![0].length;
  return literal.length > 1 && literal.at(-1) === literal[0] && escapes % 2 === 0;
}

/** The compiler leaves it to the type check that `await` stands in a function which is not `async`. */
function refuseStrayAwait(ts: TypeScript, file: SourceFile): void {
  const visit = (node: Node, allowed: boolean): void => {
    const isAwait = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (isAwait && !allowed) {
      const start = node.getStart(file);
      throw new CellSyntaxError('"await" needs an async function around it.', start, start + 'await'.length);
    }
    const isFunction = ts.isFunctionLike(node) && !ts.isFunctionTypeNode(node);
    const isAsync = ts.canHaveModifiers(node) && node.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword);
    const isField = ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node);
    ts.forEachChild(node, (child) => visit(child, isFunction ? isAsync === true : allowed && !isField));
  };
  visit(file, true);
}
