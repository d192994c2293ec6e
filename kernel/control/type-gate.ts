import type { CellDiagnostic, TypeErrors } from '../protocol.ts';
import type { LanguageThread } from './language-thread.ts';
import type { ExecuteRequest } from './request.ts';

/** Keeps cells with a type error from running where that is wanted. */
export interface TypeGate {
  /** Checks against the cells that have run; rejects with a TypeCheckError when this one must not run. */
  check(request: ExecuteRequest, startsJob: boolean): Promise<void>;
}

/** A type error, or a mistake in a magic, that keeps a cell from running. Positions are in the cell as typed. */
export class TypeCheckError extends Error {
  override readonly name = 'TypeCheckError';
  readonly start: number;
  readonly end: number;
  constructor(message: string, { start, end }: Pick<CellDiagnostic, 'start' | 'end'>) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** `mode`: what a request that says nothing wants. Only cells that a mistake would stop wait for the check. */
export function createTypeGate(language: Pick<LanguageThread, 'ask'>, mode: TypeErrors): TypeGate {
  return {
    async check({ cellId, code, silent, typeErrors = mode }, startsJob) {
      const isChecked = silent !== true && (typeErrors === 'block' || (typeErrors === 'warn' && startsJob));
      if (!isChecked) return;
      // Without the language service a cell is as good as unchecked: it runs.
      const answer = await language.ask({ method: 'diagnose', cellId, code }).catch(() => undefined);
      const [mistake, ...others] = answer?.diagnostics.filter(({ severity }) => severity === 'error') ?? [];
      if (mistake === undefined) return;
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      const what = typeErrors === 'block' ? 'The cell did not run.' : 'No job was started.';
      throw new TypeCheckError(`${mistake.message}${more}\n${what}`, mistake);
    },
  };
}
