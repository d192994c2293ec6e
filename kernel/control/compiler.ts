import type { CompilerOptions } from 'typescript';
import type { CellError, KernelEvent } from '../protocol.ts';
import { MagicError } from '../rewrite/errors.ts';
import type { Rewritten } from '../rewrite/rewrite.ts';
import { hasMagics, isMagicCell } from '../rewrite/scan.ts';
import { samePositions } from '../rewrite/writer.ts';
import { type CompiledCell, lazyGlobals, type ThrownError, type ToMain } from '../threads.ts';
import { CellSyntaxError } from '../transform/refuse.ts';
import { createSourceModules } from '../transform/source-modules.ts';
import { transformCell } from '../transform/transform.ts';
import { readTsconfig } from '../transform/tsconfig.ts';
import { loadTypeScript, type TypeScript } from '../transform/typescript.ts';
import { frameAt, type SourceText } from './code-frame.ts';
import { createStackMapper } from './stack.ts';
import { TypeCheckError } from './type-gate.ts';

type Completeness = Omit<Extract<KernelEvent, { type: 'completeness' }>, 'type' | 'parent'>;

export type Compiler = ReturnType<typeof createCompiler>;

/** Compiles cells and explains their errors in the user's own text. */
export function createCompiler(folder: string) {
  const modules = createSourceModules(loadTypeScript);
  const stacks = createStackMapper(modules.mapOf);
  let tsconfig: CompilerOptions | undefined;

  return {
    /** Throws a CellSyntaxError or a UserError. `label`: the execution count, by which people know the cell. */
    async compile(cell: number, label: number, text: string): Promise<ReadyCell> {
      stacks.add(cell, { label, text });
      const { code: typescript, positions } = await rewriteCell(text);
      const toOriginal = (offset: number) => positions.toOriginal(offset);
      stacks.add(cell, { label, text, typescript, toOriginal });
      const ts = loadTypeScript();
      tsconfig ??= readTsconfig(ts, folder);
      const { code, map, names, imports, identifiers } = transformCell(ts, typescript, tsconfig);
      stacks.add(cell, { label, text, typescript, toOriginal, map });
      const uses = lazyGlobals.filter((name) => identifiers.has(name) && !names.includes(name));
      const startsJob = uses.includes('llmops') && (await callsJobVerb(typescript));
      return { code, names, uses, imports, startsJob, reload: modules.haveChanged() };
    },

    /** An error that `compile` or the type gate threw. */
    compileError(cell: number, error: unknown): CellError {
      const source = stacks.source(cell);
      if (error instanceof TypeCheckError) return syntaxError(source, error.name, error);
      if (error instanceof MagicError) return syntaxError(source, 'UserError', error);
      if (error instanceof CellSyntaxError) {
        const toOriginal = source?.toOriginal ?? ((offset: number) => offset);
        const place = { start: toOriginal(error.start), end: toOriginal(error.end) };
        return syntaxError(source, 'SyntaxError', { ...place, message: error.message });
      }
      return unexpected(error);
    },

    /** An error that the cell's code threw. */
    runError(cell: number, error: ThrownError): CellError {
      return stacks.explain(cell, error);
    },

    causeOf: stacks.causeOf,

    /** An error that a cell's code threw after the cell had finished. */
    strayText(error: ThrownError): string {
      const { name, message, traceback } = stacks.explain(0, error);
      return `${[`Uncaught ${name}: ${message}`, ...traceback].join('\n')}\n`;
    },

    /** Answers the main thread's question where a path leads. */
    resolve(id: number, specifier: string, from: string): ToMain {
      try {
        return { type: 'resolved', id, found: modules.locate(specifier, from) };
      } catch (thrown) {
        const { name, message, stack } = thrown as Error;
        return {
          type: 'unresolved',
          id,
          error: { name, message, stack: stack ?? '', user: true, offending: specifier },
        };
      }
    },

    completeness,
  };
}

/** A cell to run; `startsJob`: it calls a verb that starts a job or a server. */
type ReadyCell = Omit<CompiledCell, 'cell' | 'parent'> & { readonly startsJob: boolean };

async function callsJobVerb(typescript: string): Promise<boolean> {
  const { magics } = await import('../../magics/index.ts');
  return magics.some((magic) =>
    Object.entries(magic.verbs).some(([name, { startsJob }]) => {
      const verb = name === magic.defaultVerb ? `(\\.${name})?` : `\\.${name}`;
      return startsJob === true && new RegExp(`\\bllmops\\.${magic.name}${verb}\\(`).test(typescript);
    }),
  );
}

async function rewriteCell(text: string): Promise<Rewritten> {
  if (!hasMagics(text)) return { code: text, positions: samePositions };
  const [{ rewrite }, { magics }] = await Promise.all([
    import('../rewrite/rewrite.ts'),
    import('../../magics/index.ts'),
  ]);
  return rewrite(text, magics);
}

function syntaxError(
  source: SourceText | undefined,
  name: string,
  { message, start, end }: { message: string; start: number; end: number },
): CellError {
  return { name, message, traceback: frameAt(source, start, end), start, end, user: true };
}

/** A fault of ours: the cell fails with all that is known of it, and the next one can run. */
function unexpected(error: unknown): CellError {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { name, message: `The kernel could not compile this cell. ${message}`, traceback: stack.split('\n').slice(1) };
}

/** Whether the text is a whole cell, as consoles ask at each Enter. The lines below a `%%` line end with an empty one. */
async function completeness(text: string): Promise<Completeness> {
  if (isMagicCell(text)) return { status: /\n\s*$/.test(text) ? 'complete' : 'incomplete', indent: '' };
  try {
    return completenessOf(loadTypeScript(), (await rewriteCell(text)).code);
  } catch (error) {
    // A mistake in a magic is told when the cell runs; what the parser fails on is no cell.
    return { status: error instanceof MagicError ? 'complete' : 'invalid' };
  }
}

function completenessOf(ts: TypeScript, text: string): Completeness {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (diagnostics.length === 0) return { status: 'complete' };
  const end = text.trimEnd().length;
  const unfinished = diagnostics.some((d) => (d.start ?? 0) >= end || /unterminated/i.test(String(d.messageText)));
  return unfinished ? { status: 'incomplete', indent: '  ' } : { status: 'invalid' };
}
