import type { KernelEvent, Request } from '../protocol.ts';

/** Methods that the language thread answers, and the event that carries each answer. */
export const languageEvents = {
  complete: 'completions',
  complete_detail: 'inspection',
  inspect: 'inspection',
  signature: 'signatures',
  definition: 'locations',
  references: 'locations',
  rename: 'edits',
  actions: 'actions',
  format: 'edits',
  diagnose: 'diagnostics',
} as const;

export type LanguageMethod = keyof typeof languageEvents;
type WithoutId<R> = R extends unknown ? Omit<R, 'id'> : never;

/** A client's question about a cell. Positions are in the cell as typed. */
export type LanguageQuestion = WithoutId<Extract<Request, { method: LanguageMethod }>>;

/** A cell has run: later cells see its declarations. `types`: types that its values declared for themselves. */
export interface RanCell {
  method: 'ran';
  cellId: string;
  code: string;
  types: Readonly<Record<string, string>>;
}

/** A cell is to be checked in a pause, below the cells that have run until now; answered as `diagnose` is. */
export interface LateCheck {
  method: 'check';
  cellId: string;
  code: string;
}

/** What the control thread tells and asks the language thread. */
export type LanguageRequest = LanguageQuestion | RanCell | LateCheck;

type Content<E> = E extends unknown ? Omit<E, 'type' | 'parent'> : never;
type EventOf<T extends KernelEvent['type']> = Content<Extract<KernelEvent, { type: T }>>;

/** An answer is the content of its event. */
export type LanguageAnswer<M extends LanguageMethod> = EventOf<(typeof languageEvents)[M]>;
