import { commonPlaces } from '../tokens/common-subsequence.ts';
import { createTokenTable } from '../tokens/token-table.ts';

/** A piece of text that both sides have, or only one. */
export interface DiffPart {
  text: string;
  in: 'both' | 'old' | 'new';
}

/** Words beyond which texts are shown as replaced as a whole: the table of a diff grows with the product of lengths. */
const maxWords = 2000;

/** How `old` becomes `new`, word by word: parts in order, white space belonging to the word before it. */
export function diffWords(old: string, now: string): DiffPart[] {
  const [before, after] = [splitKeepingSpace(old), splitKeepingSpace(now)];
  if (old === now) return old === '' ? [] : [{ text: old, in: 'both' }];
  if (Math.max(before.length, after.length) > maxWords) return merge([part(old, 'old'), part(now, 'new')]);
  const table = createTokenTable();
  const ids = (words: readonly string[]) => words.map((word) => table.id(word.trimEnd()));
  const [oldIds, newIds] = [ids(before), ids(after)];
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  for (const place of commonPlaces(oldIds, newIds).reverse()) {
    while (i < place) parts.push(part(before[i++]!, 'old'));
    while (newIds[j] !== oldIds[place]) parts.push(part(after[j++]!, 'new'));
    parts.push(part(after[j++]!, 'both'));
    i++;
  }
  parts.push(...before.slice(i).map((word) => part(word, 'old')), ...after.slice(j).map((word) => part(word, 'new')));
  return merge(parts);
}

function splitKeepingSpace(text: string): string[] {
  return text.match(/\S+\s*|^\s+/g) ?? [];
}

function part(text: string, side: DiffPart['in']): DiffPart {
  return { text, in: side };
}

function merge(parts: readonly DiffPart[]): DiffPart[] {
  const merged: DiffPart[] = [];
  for (const one of parts) {
    if (one.text === '') continue;
    const last = merged.at(-1);
    if (last?.in === one.in) last.text += one.text;
    else merged.push({ ...one });
  }
  return merged;
}
