import type { Dataset } from './dataset.ts';

/** The text of a value: itself, the turns of a conversation (`messages`, `conversations`) one below the other, or JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(turnText).join('\n');
  return typeof value === 'object' ? turnText(value) : String(value);
}

/** Text without the differences that do not matter: case, white space, Unicode form. */
export function normalizeText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** As `normalizeText`, and without the punctuation of prose: "Where's my card?" and "where s my card" are alike. */
export function comparableText(text: string): string {
  return normalizeText(text.replaceAll(/[.,;:!?'"`()[\]{}…‘’“”«»¿¡‐-―/\\-]+/g, ' '));
}

/** A column's values, in row order. */
export function columnValues(dataset: Dataset, column: string): unknown[] {
  return Array.from(dataset.table.array(column) as ArrayLike<unknown>);
}

function turnText(turn: unknown): string {
  if (typeof turn !== 'object' || turn === null) return textOf(turn);
  const { content, value } = turn as { content?: unknown; value?: unknown };
  if (typeof content === 'string') return content;
  return typeof value === 'string' ? value : JSON.stringify(turn);
}
