import type {
  ClassDeclaration,
  Expression,
  FunctionDeclaration,
  ImportDeclaration,
  Node,
  Statement,
  VariableDeclaration,
} from 'typescript';
import { createModifiers } from './modifiers.ts';
import { createTargets } from './targets.ts';
import type { TypeScript } from './typescript.ts';

export interface Hoister {
  /** Names found so far. */
  readonly names: Set<string>;
  /** What import declarations bind, found so far. */
  readonly imports: ImportedName[];
  /** The statements with every top-level declaration turned into an assignment and the last expression returned. */
  hoist(statements: readonly Statement[]): Statement[];
}

/** A variable that an import declaration fills. */
export interface ImportedName {
  readonly specifier: string;
  readonly local: string;
  /** Name of the export; `*` for the whole module. */
  readonly imported: string;
}

/** Turns a cell's top-level declarations into assignments to global variables. */
export function createHoister(ts: TypeScript): Hoister {
  const f = ts.factory;
  const names = new Set<string>();
  const imports: ImportedName[] = [];
  const at = <T extends Node>(node: T, original: Node): T => ts.setTextRange(node, original);
  const declare = (name: string) => {
    names.add(name);
    return f.createIdentifier(name);
  };
  const assign = (target: Expression, value: Expression, original: Node): Statement =>
    at(f.createExpressionStatement(f.createParenthesizedExpression(f.createAssignment(target, value))), original);

  const { isAmbient, keep, withoutModifiers } = createModifiers(ts);
  const { toTarget, entityToExpression } = createTargets(ts, (name) => at(declare(name.text), name));

  function hoist(statements: readonly Statement[]): Statement[] {
    const functions: Statement[] = [];
    const rest: Statement[] = [];
    const namespaces = new Set(statements.filter((s) => ts.isModuleDeclaration(s)).map((s) => s.name.text));
    const isMerged = (s: Statement): s is FunctionDeclaration | ClassDeclaration =>
      (ts.isFunctionDeclaration(s) || ts.isClassDeclaration(s)) && namespaces.has(s.name?.text ?? '');
    statements.forEach((statement, i) => {
      const isLast = i === statements.length - 1;
      // A namespace adds to it: it stays a declaration, and becomes global with the namespace.
      if (isMerged(statement)) (ts.isClassDeclaration(statement) ? rest : functions).push(withoutModifiers(statement));
      else if (ts.isFunctionDeclaration(statement)) functions.push(...hoistFunction(statement));
      else rest.push(...hoistStatement(statement, isLast));
    });
    return [...functions, ...rest];
  }

  function hoistStatement(statement: Statement, isLast: boolean): Statement[] {
    if (isAmbient(statement)) return [];
    if (ts.isVariableStatement(statement)) {
      if ((statement.declarationList.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using) return [statement];
      return statement.declarationList.declarations.flatMap((d) => hoistVariable(d, statement));
    }
    if (ts.isClassDeclaration(statement)) return hoistClass(statement);
    if (ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) return hoistBlock(statement);
    if (ts.isImportDeclaration(statement)) return hoistImport(statement);
    if (ts.isImportEqualsDeclaration(statement)) {
      const reference = statement.moduleReference;
      if (statement.isTypeOnly) return [];
      const value = ts.isExternalModuleReference(reference)
        ? f.createCallExpression(f.createIdentifier('require'), undefined, [reference.expression])
        : entityToExpression(reference);
      return [assign(declare(statement.name.text), value, statement)];
    }
    if (ts.isExportDeclaration(statement)) return [];
    if (ts.isExportAssignment(statement)) return [at(f.createReturnStatement(statement.expression), statement)];
    if (isLast && ts.isExpressionStatement(statement)) {
      return [at(f.createReturnStatement(statement.expression), statement)];
    }
    return [statement];
  }

  function hoistVariable(declaration: VariableDeclaration, statement: Node): Statement[] {
    const isVar = (declaration.parent.flags & ts.NodeFlags.BlockScoped) === 0;
    const target = toTarget(declaration.name);
    if (declaration.initializer === undefined && isVar) return [];
    return [assign(target, declaration.initializer ?? f.createVoidZero(), statement)];
  }

  function hoistFunction(declaration: FunctionDeclaration): Statement[] {
    if (declaration.body === undefined || isAmbient(declaration)) return [];
    const modifiers = keep(declaration.modifiers, [ts.SyntaxKind.AsyncKeyword]);
    const { asteriskToken, typeParameters, parameters, type, body } = declaration;
    const name = declaration.name === undefined ? undefined : declare(declaration.name.text);
    // Without a name of its own it takes the variable's, and calls of itself see a later redeclaration.
    const value = at(
      f.createFunctionExpression(modifiers, asteriskToken, undefined, typeParameters, parameters, type, body),
      declaration,
    );
    if (name === undefined) return [at(f.createReturnStatement(value), declaration)];
    return [at(f.createExpressionStatement(f.createAssignment(name, value)), declaration)];
  }

  function hoistClass(declaration: ClassDeclaration): Statement[] {
    const modifiers = declaration.modifiers?.filter((m) => ts.isDecorator(m));
    const { name, typeParameters, heritageClauses, members } = declaration;
    const value = at(f.createClassExpression(modifiers, name, typeParameters, heritageClauses, members), declaration);
    if (name === undefined) return [at(f.createReturnStatement(value), declaration)];
    return [assign(declare(name.text), value, declaration)];
  }

  /** An enum or namespace stays as it is, in the function's scope, and is then made global. */
  function hoistBlock(statement: Statement & { name: Node }): Statement[] {
    if (!ts.isIdentifier(statement.name)) return [statement];
    const name = declare(statement.name.text);
    const global = f.createPropertyAccessExpression(f.createIdentifier('globalThis'), name);
    return [withoutModifiers(statement), f.createExpressionStatement(f.createAssignment(global, name))];
  }

  function hoistImport(declaration: ImportDeclaration): Statement[] {
    const clause = declaration.importClause;
    if (clause?.isTypeOnly) return [];
    const specifier = ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : '';
    const bind = (local: string, imported: string) => {
      imports.push({ specifier, local, imported });
      return declare(local);
    };
    const importKeyword = f.createToken(ts.SyntaxKind.ImportKeyword) as unknown as Expression;
    const load = f.createAwaitExpression(
      at(f.createCallExpression(importKeyword, undefined, [declaration.moduleSpecifier]), declaration),
    );
    const loaded = at(load, declaration);
    if (clause === undefined) return [at(f.createExpressionStatement(loaded), declaration)];
    const bindings = clause.namedBindings;
    if (bindings !== undefined && ts.isNamespaceImport(bindings)) {
      const whole = bind(bindings.name.text, '*');
      const all = assign(whole, loaded, declaration);
      if (clause.name === undefined) return [all];
      return [
        all,
        assign(bind(clause.name.text, 'default'), f.createPropertyAccessExpression(whole, 'default'), declaration),
      ];
    }
    const properties = (bindings?.elements ?? [])
      .filter((element) => !element.isTypeOnly)
      .map((element) =>
        f.createPropertyAssignment(
          element.propertyName ?? element.name.text,
          bind(element.name.text, (element.propertyName ?? element.name).text),
        ),
      );
    if (clause.name !== undefined)
      properties.unshift(f.createPropertyAssignment('default', bind(clause.name.text, 'default')));
    return properties.length === 0 ? [] : [assign(f.createObjectLiteralExpression(properties), loaded, declaration)];
  }

  return { names, imports, hoist };
}
