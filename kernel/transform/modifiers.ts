import type { Modifier, ModifierLike, Statement } from 'typescript';
import type { TypeScript } from './typescript.ts';

export interface Modifiers {
  /** True of a statement that declares types alone, or what is elsewhere. */
  isAmbient(statement: Statement): boolean;
  /** Those of these kinds. */
  keep(modifiers: readonly ModifierLike[] | undefined, kinds: readonly number[]): Modifier[] | undefined;
  /** The declaration without `export` and the like; `async` and decorators stay. */
  withoutModifiers(statement: Statement): Statement;
}

/** Reads and removes the words before declarations. */
export function createModifiers(ts: TypeScript): Modifiers {
  const f = ts.factory;

  function isAmbient(statement: Statement): boolean {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return true;
    return ts.canHaveModifiers(statement) && has(statement.modifiers, ts.SyntaxKind.DeclareKeyword);
  }

  function has(modifiers: readonly ModifierLike[] | undefined, kind: number): boolean {
    return modifiers?.some((m) => m.kind === kind) === true;
  }

  function keep(modifiers: readonly ModifierLike[] | undefined, kinds: readonly number[]) {
    return modifiers?.filter((m) => ts.isModifier(m)).filter((m) => kinds.includes(m.kind));
  }

  function withoutModifiers(statement: Statement): Statement {
    if (ts.isFunctionDeclaration(statement)) {
      const { asteriskToken, name, typeParameters, parameters, type, body } = statement;
      const modifiers = keep(statement.modifiers, [ts.SyntaxKind.AsyncKeyword]);
      return f.updateFunctionDeclaration(
        statement,
        modifiers,
        asteriskToken,
        name,
        typeParameters,
        parameters,
        type,
        body,
      );
    }
    if (ts.isClassDeclaration(statement)) {
      const { name, typeParameters, heritageClauses, members } = statement;
      const decorators = statement.modifiers?.filter((m) => ts.isDecorator(m));
      return f.updateClassDeclaration(statement, decorators, name, typeParameters, heritageClauses, members);
    }
    if (ts.isEnumDeclaration(statement)) {
      return f.updateEnumDeclaration(statement, undefined, statement.name, statement.members);
    }
    if (ts.isModuleDeclaration(statement)) {
      return f.updateModuleDeclaration(statement, undefined, statement.name, statement.body);
    }
    return statement;
  }

  return { isAmbient, keep, withoutModifiers };
}
