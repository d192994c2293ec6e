import { splitWestern } from './split-western.ts';
import type { TokenTable } from './token-table.ts';
import { isWhiteSpace, splitWords } from './white-space.ts';

/** sacreBLEU's tokenizers that need no download, by the names that signatures give them. */
export const bleuTokenizers = {
  none: (line: string, table: TokenTable) => toIds(splitWords(line), table),
  '13a': tokenize13a,
  intl: tokenizeIntl,
  char: (line: string, table: TokenTable) => toIds(splitWords([...line].join(' ')), table),
  zh: tokenizeZh,
} satisfies Record<string, (line: string, table: TokenTable) => number[]>;

export type BleuTokenizer = keyof typeof bleuTokenizers;

/** sacreBLEU's other tokenizers, with what they would need. */
export const unavailableTokenizers: Readonly<Record<string, string>> = {
  'ja-mecab': 'the MeCab analyser and its IPA dictionary',
  'ko-mecab': 'the MeCab analyser and its Korean dictionary',
  spm: 'a SentencePiece model',
  flores101: 'a SentencePiece model',
  flores200: 'a SentencePiece model',
  'spBLEU-1K': 'a SentencePiece model',
};

/** mteval-v13a: entities are resolved, lines joined, then western rules. */
function tokenize13a(line: string, table: TokenTable): number[] {
  return splitWestern(plain(line), table, { isPadded: true });
}

function plain(line: string): string {
  let text = line;
  if (text.includes('<skipped>')) text = text.replaceAll('<skipped>', '');
  if (text.includes('\n')) text = text.replaceAll('-\n', '').replaceAll('\n', ' ');
  if (!text.includes('&')) return text;
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}

/** mteval-v14: Unicode punctuation stands alone unless between digits, symbols always. */
function tokenizeIntl(line: string, table: TokenTable): number[] {
  const spaced = line
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/(\p{S})/gu, ' $1 ');
  return toIds(splitWords(spaced), table);
}

/** Each Chinese character stands alone; the rest by western rules. */
function tokenizeZh(line: string, table: TokenTable): number[] {
  let [start, end] = [0, line.length];
  while (start < end && isWhiteSpace(line.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(line.charCodeAt(end - 1))) end--;
  return splitWestern(line.slice(start, end), table, { standsAlone: isChinese });
}

/**
 * The ranges of `sacrebleu/tokenizers/tokenizer_zh.py` as it applies them: its two ranges beyond the basic plane are
 * written with four digits' escapes and so mean U+2001-2A6D and U+2F81-2FA1.
 */
const chinese: readonly (readonly [number, number])[] = [
  [0x2001, 0x2a6d],
  [0x2e80, 0x2fdf],
  [0x2ff0, 0x303f],
  [0x3100, 0x312f],
  [0x31a0, 0x31bf],
  [0x31c0, 0x31ef],
  [0x3200, 0x33ff],
  [0x3400, 0x4db5],
  [0x4e00, 0x9fbb],
  [0xf900, 0xfa2d],
  [0xfa30, 0xfa6a],
  [0xfa70, 0xfad9],
  [0xfe10, 0xfe1f],
  [0xfe30, 0xfe4f],
  [0xff00, 0xffef],
];

function isChinese(code: number): boolean {
  return chinese.some(([from, to]) => code >= from && code <= to);
}

function toIds(words: readonly string[], table: TokenTable): number[] {
  return words.map((word) => table.id(word));
}
