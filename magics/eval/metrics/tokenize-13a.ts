import { splitWords, trimEnd } from './white-space.ts';

/** Tokens of mteval-v13a as sacreBLEU implements it (`sacrebleu/tokenizers/tokenizer_13a.py`, `tokenizer_re.py`). */
export function tokenize13a(text: string): string[] {
  let line = trimEnd(text).replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  line = line.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  return splitWords(
    ` ${line} `
      .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
      .replace(/([^0-9])([.,])/gu, '$1 $2 ')
      .replace(/([.,])([^0-9])/gu, ' $1 $2')
      .replace(/([0-9])(-)/gu, '$1 $2 '),
  );
}
