import { stem } from './stem.ts';
import { createTokenTable } from './token-table.ts';

/** Token ids of a text. */
export type RougeTokenizer = (text: string) => number[];

/**
 * rouge-score's tokens: runs of a-z and 0-9 in lower case, those of more than three characters stemmed if asked. Text in
 * other scripts has none. Each distinct word is stemmed once.
 */
export function createRougeTokenizer(isStemmed: boolean): RougeTokenizer {
  const table = createTokenTable();
  /** Id of the stem of each token, by the token's id. */
  const stems = new Map<number, number>();
  const stemmed = (id: number, word: string): number => {
    const root = table.id(stem(word));
    stems.set(id, root);
    return root;
  };
  return (text) => {
    const tokens: number[] = [];
    const lower = text.toLowerCase();
    let start = 0;
    for (let i = 0; i <= lower.length; i++) {
      if (i < lower.length && isAlphanumeric(lower.charCodeAt(i))) continue;
      if (i > start) {
        const id = table.id(lower, start, i);
        const isLong = isStemmed && i - start > 3;
        tokens.push(isLong ? (stems.get(id) ?? stemmed(id, lower.slice(start, i))) : id);
      }
      start = i + 1;
    }
    return tokens;
  };
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}
