import type { CellError, KernelEvent } from '../protocol.ts';
import { MagicError } from '../rewrite/errors.ts';
import type { Rewritten } from '../rewrite/rewrite.ts';
import { hasMagics } from '../rewrite/scan.ts';
import { samePositions } from '../rewrite/writer.ts';
import { type CompiledCell, lazyGlobals, type ThrownError, type ToMain } from '../threads.ts';
import { createSourceModules } from '../transform/source-modules.ts';
import { CellSyntaxError, transformCell } from '../transform/transform.ts';
import { loadTypeScript, type TypeScript } from '../transform/typescript.ts';
import { frameAt, type SourceText } from './code-frame.ts';
import { createStackMapper } from './stack.ts';

type Completeness = Omit<Extract<KernelEvent, { type: 'completeness' }>, 'type' | 'parent'>;

/** Compiles cells and explains their errors in the user's own text. */
export function createCompiler() {
  const modules = createSourceModules(loadTypeScript);
  const stacks = createStackMapper(modules.mapOf);

  return {
    /** Throws a CellSyntaxError or a UserError. `label`: the execution count, by which people know the cell. */
    async compile(cell: number, label: number, text: string): Promise<Omit<CompiledCell, 'cell' | 'parent'>> {
      stacks.add(cell, { label, text });
      const { code: typescript, positions } = await rewriteCell(text);
      const toOriginal = (offset: number) => positions.toOriginal(offset);
      stacks.add(cell, { label, text, typescript, toOriginal });
      const { code, map, names, identifiers } = transformCell(loadTypeScript(), typescript);
      stacks.add(cell, { label, text, typescript, toOriginal, map });
      const uses = lazyGlobals.filter((name) => identifiers.has(name) && !names.includes(name));
      return { code, names, uses };
    },

    /** An error that `compile` threw. */
    compileError(cell: number, error: unknown): CellError {
      const source = stacks.source(cell);
      if (error instanceof MagicError) return syntaxError(source, 'UserError', error);
      if (error instanceof CellSyntaxError) {
        const toOriginal = source?.toOriginal ?? ((offset: number) => offset);
        const place = { start: toOriginal(error.start), end: toOriginal(error.end) };
        return syntaxError(source, 'SyntaxError', { ...place, message: error.message });
      }
      throw error;
    },

    /** An error that the cell's code threw. */
    runError(cell: number, error: ThrownError): CellError {
      return stacks.explain(cell, error);
    },

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

/** Whether the text is a whole cell, as consoles ask at each Enter. */
function completeness(ts: TypeScript, text: string): Completeness {
  if (hasMagics(text)) return { status: 'complete' };
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (diagnostics.length === 0) return { status: 'complete' };
  const end = text.trimEnd().length;
  const unfinished = diagnostics.some((d) => (d.start ?? 0) >= end || /unterminated/i.test(String(d.messageText)));
  return unfinished ? { status: 'incomplete', indent: '  ' } : { status: 'invalid' };
}
