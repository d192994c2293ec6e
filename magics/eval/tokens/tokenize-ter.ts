import { splitWords, trimEnd } from './white-space.ts';

/** Options of Tercom's tokenizer. */
export interface TerTokenizerOptions {
  /** Resolves entities and separates punctuation. */
  normalized?: boolean;
  /** Removes punctuation. */
  noPunctuation?: boolean;
  /** With `normalized`, splits Chinese and Japanese characters; with `noPunctuation`, removes their punctuation too. */
  asianSupport?: boolean;
  caseSensitive?: boolean;
}

const asianPunctuation = /([\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb])/g;
const fullWidthPunctuation = /([\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09])/g;

/** Words as Tercom's `Normalizer` makes them (`sacrebleu/tokenizers/tokenizer_ter.py`). */
export function tokenizeTer(text: string, options: TerTokenizerOptions = {}): string[] {
  let line = trimEnd(text);
  if (!options.caseSensitive) line = line.toLowerCase();
  if (options.normalized && line !== '') line = normalizeWestern(line);
  if (options.normalized && options.asianSupport) line = separateAsian(line);
  if (options.noPunctuation) line = line.replace(/[.,?:;!"()]/g, '');
  if (options.noPunctuation && options.asianSupport)
    line = line.replace(asianPunctuation, '').replace(fullWidthPunctuation, '');
  return splitWords(line);
}

function normalizeWestern(line: string): string {
  const joined = line.replaceAll('\n-', '').replaceAll('\n', ' ');
  const plain = joined
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${plain} `
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll("'s ", " 's ")
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ');
}

/**
 * Ideographs, strokes, radicals and compatibility forms stand alone. The reference also has rules for runs of kana, but
 * they are anchored at the line's beginning, where normalisation has put a blank, and so never match.
 */
function separateAsian(line: string): string {
  return line
    .replace(/([\u4e00-\u9fff\u3400-\u4dbf])/g, ' $1 ')
    .replace(/([\u31c0-\u31ef\u2e80-\u2eff])/g, ' $1 ')
    .replace(/([\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f])/g, ' $1 ')
    .replace(/([\u3200-\u3f22])/g, ' $1 ')
    .replace(asianPunctuation, ' $1 ')
    .replace(fullWidthPunctuation, ' $1 ');
}
