import type {
  CompilerOptions,
  Expression,
  SourceFile,
  Statement,
  TransformerFactory,
  TranspileOptions,
  TranspileOutput,
} from 'typescript';
import { toolsName } from '../threads.ts';
import { bodyTransformer } from './body.ts';
import { createHoister, type ImportedName } from './hoist.ts';
import { CellSyntaxError, refuseOversights } from './refuse.ts';
import type { TypeScript } from './typescript.ts';

export interface Transformed {
  /** A script whose value is a `CellFunction`. */
  code: string;
  /** Source map of `code`, as JSON text. */
  map: string;
  /** Names declared at the cell's top level. */
  names: string[];
  /** What its import declarations bind. */
  imports: ImportedName[];
  /** Every identifier in the cell. */
  identifiers: ReadonlySet<string>;
}

/** Said of a cell on which TypeScript's own parser fails. */
export const unreadable = 'TypeScript cannot make sense of this cell.';

/**
 * Turns a cell's TypeScript into a script: top-level names become global variables (so that later cells see and may
 * redeclare them), the rest becomes the body of an async function, imports become calls, and the last expression is
 * the function's value. Types are stripped, not checked. `project`: options of the folder's tsconfig.json.
 */
export function transformCell(ts: TypeScript, source: string, project: CompilerOptions = {}): Transformed {
  const hoister = createHoister(ts);
  const identifiers = new Set<string>();
  const wrap: TransformerFactory<SourceFile> = (context) => (file) => {
    collectIdentifiers(ts, file, identifiers);
    refuseOversights(ts, file);
    const statements = hoister.hoist(file.statements.map((s) => s));
    const body = statements.map((s) => bodyTransformer(ts, context, file)(s) as Statement);
    return context.factory.updateSourceFile(file, script(ts, [...hoister.names], body));
  };
  const output = transpile(ts, source, {
    fileName: project.jsx === undefined ? 'cell.ts' : 'cell.tsx',
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      removeComments: true,
      newLine: ts.NewLineKind.LineFeed,
      experimentalDecorators: project.experimentalDecorators,
      emitDecoratorMetadata: project.emitDecoratorMetadata,
      // The classic form: a script cannot import a runtime by itself.
      jsx: ts.JsxEmit.React,
      jsxFactory: project.jsxFactory,
      jsxFragmentFactory: project.jsxFragmentFactory,
    },
    transformers: { before: [wrap] },
  });
  const [problem] = output.diagnostics ?? [];
  if (problem !== undefined) {
    const isJsx = project.jsx === undefined && /<(\w+)[^<>]*>[\s\S]*<\/\1>|<\w+[^<>]*\/>/.test(source);
    const hint = isJsx ? '\nJSX needs "jsx": "react" among the compilerOptions of a tsconfig.json in this folder.' : '';
    const message = ts.flattenDiagnosticMessageText(problem.messageText, '\n') + hint;
    const start = problem.start ?? 0;
    throw new CellSyntaxError(message, start, start + (problem.length ?? 0));
  }
  return {
    code: output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '').replace(/^export \{\};\s*$/m, ''),
    map: output.sourceMapText ?? '',
    names: [...hoister.names],
    imports: hoister.imports,
    identifiers,
  };
}

/** On some texts that are far from TypeScript its own parser fails. */
function transpile(ts: TypeScript, source: string, options: TranspileOptions): TranspileOutput {
  try {
    return ts.transpileModule(source, options);
  } catch (error) {
    if (error instanceof CellSyntaxError) throw error;
    throw new CellSyntaxError(unreadable, 0, source.length, error);
  }
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
