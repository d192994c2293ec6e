import type { CellDiagnostic, Completion } from '../protocol.ts';

/** What the control thread asks the language thread. Positions are in the cell as typed. */
export type LanguageRequest =
  | { method: 'complete'; code: string; offset: number }
  | { method: 'inspect'; code: string; offset: number }
  | { method: 'diagnose'; code: string; earlier: readonly string[] }
  /** A cell has run: later cells see its declarations. `types`: types that its values declared for themselves. */
  | { method: 'add'; code: string; types: Readonly<Record<string, string>> };

export interface LanguageAnswers {
  complete: { start: number; end: number; items: Completion[] };
  inspect: { start: number; end: number; markdown: string | null };
  diagnose: CellDiagnostic[];
  add: null;
}

export type LanguageAnswer<M extends LanguageRequest['method']> = LanguageAnswers[M];
