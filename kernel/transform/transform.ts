import type { Expression, SourceFile, Statement, TransformerFactory } from 'typescript';
import { toolsName } from '../threads.ts';
import { bodyTransformer } from './body.ts';
import { createHoister } from './hoist.ts';
import type { TypeScript } from './typescript.ts';

export interface Transformed {
  /** A script whose value is a `CellFunction`. */
  code: string;
  /** Source map of `code`, as JSON text. */
  map: string;
  /** Names declared at the cell's top level. */
  names: string[];
  /** Every identifier in the cell. */
  identifiers: ReadonlySet<string>;
}

/** The TypeScript does not parse; `start` and `end` are offsets in it. */
export class CellSyntaxError extends SyntaxError {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.name = 'SyntaxError';
    this.start = start;
    this.end = end;
  }
}

/**
 * Turns a cell's TypeScript into a script: top-level names become global variables (so that later cells see and may
 * redeclare them), the rest becomes the body of an async function, imports become calls, and the last expression is
 * the function's value. Types are stripped, not checked.
 */
export function transformCell(ts: TypeScript, source: string): Transformed {
  const hoister = createHoister(ts);
  const identifiers = new Set<string>();
  const wrap: TransformerFactory<SourceFile> = (context) => (file) => {
    collectIdentifiers(ts, file, identifiers);
    const statements = hoister.hoist(file.statements.map((s) => s));
    const body = statements.map((s) => bodyTransformer(ts, context, file)(s) as Statement);
    return context.factory.updateSourceFile(file, script(ts, [...hoister.names], body));
  };
  const output = ts.transpileModule(source, {
    fileName: 'cell.ts',
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      removeComments: true,
      newLine: ts.NewLineKind.LineFeed,
    },
    transformers: { before: [wrap] },
  });
  const [problem] = output.diagnostics ?? [];
  if (problem !== undefined) {
    const message = ts.flattenDiagnosticMessageText(problem.messageText, '\n');
    const start = problem.start ?? 0;
    throw new CellSyntaxError(message, start, start + (problem.length ?? 0));
  }
  return {
    code: output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '').replace(/^export \{\};\s*$/m, ''),
    map: output.sourceMapText ?? '',
    names: [...hoister.names],
    identifiers,
  };
}

/** `var a, b; (async (__cell) => { "use strict"; ... })` */
function script(ts: TypeScript, names: readonly string[], body: readonly Statement[]): Statement[] {
  const f = ts.factory;
  const declarations = names.map((name) => f.createVariableDeclaration(name));
  const strict = f.createExpressionStatement(f.createStringLiteral('use strict'));
  const run: Expression = f.createArrowFunction(
    [f.createModifier(ts.SyntaxKind.AsyncKeyword)],
    undefined,
    [f.createParameterDeclaration(undefined, undefined, toolsName)],
    undefined,
    undefined,
    f.createBlock([strict, ...body], true),
  );
  return [
    ...(names.length > 0 ? [f.createVariableStatement(undefined, declarations)] : []),
    f.createExpressionStatement(f.createParenthesizedExpression(run)),
  ];
}

function collectIdentifiers(ts: TypeScript, file: SourceFile, into: Set<string>): void {
  ts.forEachChild(file, function visit(node): void {
    if (ts.isIdentifier(node)) into.add(node.text);
    ts.forEachChild(node, visit);
  });
}
