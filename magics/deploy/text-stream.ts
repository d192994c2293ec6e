import type { Tokenizer } from '../engine/types.ts';

/** Turns tokens into text as they come. */
export interface TextStream {
  /** Text that is final after one more token: never half a character, never the beginning of a stop string. */
  push(id: number): string;
  /** What of the answer's whole text has not been given out yet. */
  finish(text: string): string;
}

/** A stream of text for one answer; `stop` are the strings at which the generator ends it. */
export function createTextStream(tokenizer: Pick<Tokenizer, 'decode'>, stop: readonly string[]): TextStream {
  const ids: number[] = [];
  // Tokens before `settled` are decoded once more with the new ones, because their text may depend on what follows.
  let context = 0;
  let settled = 0;
  let held = '';
  let given = '';
  const decode = (from: number, to: number) => tokenizer.decode(ids.slice(from, to), { skipSpecialTokens: true });

  return {
    push(id) {
      ids.push(id);
      const before = decode(context, settled);
      const now = decode(context, ids.length);
      if (now.length <= before.length || now.endsWith('\uFFFD')) return '';
      held += now.slice(before.length);
      context = settled;
      settled = ids.length;
      const keep = stopPrefixLength(held, stop);
      const text = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      given += text;
      return text;
    },
    finish: (text) => (text.startsWith(given) ? text.slice(given.length) : ''),
  };
}

/** How much of the text's end may belong to a stop string: the whole rest once a stop string is in it. */
function stopPrefixLength(text: string, stop: readonly string[]): number {
  let longest = 0;
  for (const word of stop) {
    const found = text.indexOf(word);
    if (word !== '' && found >= 0) longest = Math.max(longest, text.length - found);
    for (let length = Math.min(word.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(word.slice(0, length))) longest = length;
    }
  }
  return longest;
}
