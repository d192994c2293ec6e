import type { BindingName, Identifier, Node, SourceFile, Statement } from 'typescript';
import type { TypeScript } from '../transform/typescript.ts';

/** A name that a cell declares at its top level. */
export interface DeclaredName {
  readonly name: string;
  /** The name where it is declared first. */
  readonly node: Identifier;
  /** True when the cell exports it already. */
  readonly exported: boolean;
  /** True when later cells may not assign to it. */
  readonly constant: boolean;
}

/** Top-level names of a cell that later cells see: values, types and imports. What `using` holds ends with its cell. */
export function declaredNames(ts: TypeScript, file: SourceFile): DeclaredName[] {
  const names = new Map<string, DeclaredName>();
  const add = (node: Identifier, exported = false, constant = true) => {
    if (!names.has(node.text)) names.set(node.text, { name: node.text, node, exported, constant });
  };
  const addBinding = (binding: BindingName, exported: boolean, constant: boolean): void => {
    if (ts.isIdentifier(binding)) add(binding, exported, constant);
    else for (const e of binding.elements) if (ts.isBindingElement(e)) addBinding(e.name, exported, constant);
  };
  for (const statement of file.statements) {
    const exported = isExported(ts, statement);
    if (ts.isVariableStatement(statement)) {
      const { flags, declarations } = statement.declarationList;
      if ((flags & ts.NodeFlags.Using) === ts.NodeFlags.Using) continue;
      for (const d of declarations) addBinding(d.name, exported, (flags & ts.NodeFlags.Const) !== 0);
    } else if (ts.isImportDeclaration(statement)) {
      const { importClause: clause } = statement;
      if (clause?.name !== undefined) add(clause.name);
      const bindings = clause?.namedBindings;
      if (bindings !== undefined && ts.isNamespaceImport(bindings)) add(bindings.name);
      else for (const e of bindings?.elements ?? []) add(e.name);
    } else if (isNamed(ts, statement)) add(statement.name, exported, !ts.isFunctionDeclaration(statement));
  }
  return [...names.values()];
}

/** Names that a cell's code may take from its surroundings: every identifier but members and keys. */
export function mentionedNames(ts: TypeScript, file: SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    else if (ts.isPropertyAccessExpression(node)) visit(node.expression);
    else if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) visit(node.initializer);
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function isNamed(ts: TypeScript, statement: Statement): statement is Statement & { name: Identifier } {
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement);
  return named && statement.name !== undefined && ts.isIdentifier(statement.name) && !isGlobalBlock(ts, statement);
}

/** `declare global { ... }` */
function isGlobalBlock(ts: TypeScript, statement: Statement): boolean {
  return ts.isModuleDeclaration(statement) && (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}

function isExported(ts: TypeScript, statement: Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return statement.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) === true;
}
