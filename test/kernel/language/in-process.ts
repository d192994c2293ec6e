import { createLanguage } from '../../../kernel/language/language.ts';
import type { LanguageAnswer, LanguageMethod, LanguageQuestion } from '../../../kernel/language/messages.ts';
import type { CellText } from '../../../kernel/protocol.ts';
import { loadTypeScript } from '../../../kernel/transform/typescript.ts';

/** A notebook's language service in this process; cells are given by their text. */
export function openLanguage(folder: string) {
  const language = createLanguage(loadTypeScript(), folder);
  const cellsOf = (texts: readonly string[], from = 0): CellText[] =>
    texts.map((code, i) => ({ cellId: `cell ${from + i}`, code }));

  /** Asks about the cell with a `|` (its place is the offset) among these. */
  async function ask<M extends LanguageMethod>(method: M, texts: readonly string[], more: object = {}) {
    const place = Math.max(
      0,
      texts.findIndex((text) => text.includes('|')),
    );
    const offset = texts[place]!.indexOf('|');
    const cells = cellsOf(texts.map((text) => text.replace('|', '')));
    const around = { ...cells[place]!, earlier: cells.slice(0, place), later: cells.slice(place + 1) };
    const question = { method, offset, ...around, ...more } as unknown as LanguageQuestion;
    return (await language.answer(question)) as LanguageAnswer<M>;
  }

  /** Errors of the last cell, with the text under which they stand. */
  async function errors(...texts: string[]): Promise<string[]> {
    const cells = cellsOf(texts);
    const { cellId, code } = cells.at(-1)!;
    const question = { method: 'diagnose', cellId, code, earlier: cells.slice(0, -1) } as const;
    const { diagnostics } = (await language.answer(question)) as LanguageAnswer<'diagnose'>;
    return diagnostics.map(({ start, end, message }) => `${code.slice(start, end)}: ${message.split('\n')[0]}`);
  }

  return { language, ask, errors };
}
