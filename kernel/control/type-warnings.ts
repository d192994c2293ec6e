import { setTimeout as sleep } from 'node:timers/promises';
import type { CellDiagnostic, TypeErrors } from '../protocol.ts';
import { frameAt } from './code-frame.ts';
import type { LanguageThread } from './language-thread.ts';
import type { ExecuteRequest } from './request.ts';

/** Tells type errors of cells to clients that cannot underline them. */
export interface TypeWarnings {
  /**
   * A cell begins. To be called when it has run: tells what is wrong, if that is wanted, and resolves when the cell may be
   * finished.
   */
  begin(request: ExecuteRequest): () => Promise<void>;
}

/** How long a cell that has run waits for its check, where it does; only the first check of all takes more than milliseconds. */
const patienceMs = 5_000;
const mostTold = 3;

/** `mode`: what a request that says nothing wants. `tell` writes to a cell's stderr, also when it is finished. */
export function createTypeWarnings(
  language: Pick<LanguageThread, 'ask' | 'check'>,
  mode: TypeErrors,
  tell: (request: string, text: string) => void,
): TypeWarnings {
  async function check({ cellId, code }: ExecuteRequest, isAwaited: boolean): Promise<string> {
    const asked = isAwaited ? language.ask({ method: 'diagnose', cellId, code }) : language.check({ cellId, code });
    const answer = await asked.catch(() => undefined);
    const mistakes = answer?.diagnostics.filter(({ severity }) => severity === 'error') ?? [];
    return describe(mistakes, code);
  }

  return {
    begin(request) {
      const { id, silent, typeErrors = mode, tellTypeErrors: when } = request;
      if (silent === true || when === undefined || typeErrors !== 'warn') return async () => {};
      const isAwaited = when === 'before it is finished';
      const checked = check(request, isAwaited);
      return async () => {
        const told = checked.then((text) => (text === '' ? undefined : tell(id, text)));
        if (isAwaited) await Promise.race([told, sleep(patienceMs, undefined, { ref: false })]);
      };
    },
  };
}

function describe(mistakes: readonly CellDiagnostic[], text: string): string {
  const told = mistakes.slice(0, mostTold).flatMap(({ message, start, end }) => {
    return [`Type error: ${message}`, ...frameAt({ label: '', text }, start, end)];
  });
  if (mistakes.length > mostTold) told.push(`and ${mistakes.length - mostTold} more`);
  return told.map((line) => `${line}\n`).join('');
}
