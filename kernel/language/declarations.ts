import type { BindingName, SourceFile, Statement } from 'typescript';
import type { TypeScript } from '../transform/typescript.ts';

/** A name that a cell declares at its top level. */
export interface DeclaredName {
  readonly name: string;
  /** True when the cell exports it already. */
  readonly exported: boolean;
}

/** Top-level names of a cell: values, types and imports. */
export function declaredNames(ts: TypeScript, file: SourceFile): DeclaredName[] {
  const names = new Map<string, DeclaredName>();
  const add = (name: string, exported = false) => names.set(name, { name, exported });
  const addBinding = (binding: BindingName, exported: boolean): void => {
    if (ts.isIdentifier(binding)) add(binding.text, exported);
    else for (const e of binding.elements) if (ts.isBindingElement(e)) addBinding(e.name, exported);
  };
  for (const statement of file.statements) {
    const exported = isExported(ts, statement);
    if (ts.isVariableStatement(statement)) {
      for (const d of statement.declarationList.declarations) addBinding(d.name, exported);
    } else if (ts.isImportDeclaration(statement)) {
      const { importClause: clause } = statement;
      if (clause?.name !== undefined) add(clause.name.text);
      const bindings = clause?.namedBindings;
      if (bindings !== undefined && ts.isNamespaceImport(bindings)) add(bindings.name.text);
      else for (const e of bindings?.elements ?? []) add(e.name.text);
    } else if (isNamed(ts, statement)) add(statement.name.text, exported);
  }
  return [...names.values()];
}

function isNamed(ts: TypeScript, statement: Statement): statement is Statement & { name: { text: string } } {
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement);
  return named && statement.name !== undefined && ts.isIdentifier(statement.name);
}

function isExported(ts: TypeScript, statement: Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return statement.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) === true;
}
