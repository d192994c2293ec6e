import { canonicalJson } from './canonical.ts';
import type { Column } from './column-types.ts';
import { type Summary, summarize } from './summary.ts';
import { textOf } from './text.ts';

/** What one column holds. */
export interface ColumnProfile extends Column {
  /** `category`: few different texts, as labels are. `text`: free text or conversations. */
  readonly kind: 'text' | 'category' | 'number' | 'boolean' | 'object' | 'empty';
  readonly missing: number;
  readonly distinct: number;
  /** Texts that are empty or only white space. */
  readonly blank: number;
  /** Lengths of texts, in characters. */
  readonly characters?: Summary;
  /** Lengths of texts in tokens, when a tokenizer was given. */
  readonly tokens?: Summary;
  readonly numbers?: Summary;
  /** Values by how often they occur, most common first; for categories and booleans. */
  readonly values?: readonly { readonly value: string; readonly count: number }[];
}

/** A column is a category when its values repeat: at most this many, each at least this often on average. */
const maxCategories = 1000;
const minRepeats = 4;

/** Profiles one column. `countTokens` counts a text's tokens. */
export function profileColumn(
  column: Column,
  values: readonly unknown[],
  countTokens?: (text: string) => number,
): ColumnProfile {
  const present = values.filter((value) => value !== null && value !== undefined);
  const counts = new Map<string, number>();
  for (const value of present) {
    const key = typeof value === 'string' ? value : canonicalJson(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const kind = kindOf(present, counts.size);
  const texts = kind === 'text' || kind === 'category' ? present.map(textOf) : [];
  return {
    ...column,
    kind,
    missing: values.length - present.length,
    distinct: counts.size,
    blank: texts.filter((text) => text.trim() === '').length,
    characters: summarize(texts.map((text) => [...text].length)),
    tokens: kind === 'text' && countTokens !== undefined ? summarize(texts.map(countTokens)) : undefined,
    numbers: kind === 'number' ? summarize(present as number[]) : undefined,
    values: kind === 'category' || kind === 'boolean' ? ranked(counts) : undefined,
  };
}

function kindOf(values: readonly unknown[], distinct: number): ColumnProfile['kind'] {
  if (values.length === 0) return 'empty';
  const types = new Set(values.map((value) => (Array.isArray(value) ? 'list' : typeof value)));
  const [type] = types;
  if (types.size > 1) return 'object';
  if (type === 'number' || type === 'boolean') return type;
  if (type === 'list') return 'text';
  if (type !== 'string') return 'object';
  return distinct <= maxCategories && distinct * minRepeats <= values.length ? 'category' : 'text';
}

function ranked(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
