import { unclosed } from './errors.ts';

/** A piece of a word: text as meant (quotes and escapes removed), or a TypeScript expression's place in the cell. */
export type Part = { kind: 'text'; value: string } | { kind: 'expression'; start: number; end: number };

/** A text that stands in the cell as it is. */
export interface PlainText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A word of a magic line. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly Part[];
  /** True when any of it is in quotes: `"--x"` is a value, not an option. */
  readonly quoted: boolean;
}

/** Splits the cell's text from `start` to `end` into words, as a shell does; `${expr}` may hold anything. */
export function splitWords(source: string, start: number, end: number): Word[] {
  const words: Word[] = [];
  let i = start;
  for (;;) {
    while (i < end && isSpace(source, i)) i++;
    if (i >= end) return words;
    const word = readWord(source, i, end);
    words.push(word);
    i = word.end;
  }
}

/** Text with `${expr}` in it as parts; used for bodies, where quotes mean nothing. */
export function splitTemplate(source: string, start: number, end: number): Part[] {
  const parts: Part[] = [];
  let text = '';
  for (let i = start; i < end; ) {
    if (source.startsWith('\\${', i)) {
      text += '${';
      i += 3;
    } else if (source.startsWith('${', i)) {
      const close = endOfExpression(source, i, end);
      if (text !== '') parts.push({ kind: 'text', value: text });
      text = '';
      parts.push({ kind: 'expression', start: i + 2, end: close });
      i = close + 1;
    } else text += source[i++];
  }
  if (text !== '') parts.push({ kind: 'text', value: text });
  return parts;
}

/** The word as text; undefined when it holds an expression. */
export function plainText(word: Word): string | undefined {
  return word.parts.some((part) => part.kind === 'expression')
    ? undefined
    : word.parts.map((part) => (part.kind === 'text' ? part.value : '')).join('');
}

/** Offset of the `}` that closes the `${` at `start`. */
export function endOfExpression(source: string, start: number, end: number): number {
  let depth = 0;
  for (let i = start + 2; i < end; i++) {
    const c = source[i]!;
    if (c === '"' || c === "'" || c === '`') i = endOfString(source, i, end);
    else if (c === '{') depth++;
    else if (c === '}' && depth-- === 0) return i;
  }
  throw unclosed('${', { start, end: start + 2 });
}

/** Offset of the quote that closes the one at `start`. */
function endOfString(source: string, start: number, end: number): number {
  const quote = source[start]!;
  for (let i = start + 1; i < end; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i;
    else if (quote === '`' && source.startsWith('${', i)) i = endOfExpression(source, i, end);
  }
  throw unclosed('quote', { start, end: start + 1 });
}

function readWord(source: string, start: number, end: number): Word {
  const parts: Part[] = [];
  let text = '';
  let quoted = false;
  let i = start;
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', value: text });
    text = '';
  };
  while (i < end && !isSpace(source, i)) {
    const c = source[i]!;
    if (source.startsWith('${', i)) {
      const close = endOfExpression(source, i, end);
      flush();
      parts.push({ kind: 'expression', start: i + 2, end: close });
      i = close + 1;
    } else if ((c === '"' || c === "'") && (i === start || source[i - 1] === '=')) {
      const close = endOfString(source, i, end);
      flush();
      parts.push(...splitTemplate(source, i + 1, close).map(c === '"' ? unescapePart : (part) => part));
      quoted = true;
      i = close + 1;
    } else {
      text += c;
      i++;
    }
  }
  flush();
  return { start, end: i, parts, quoted };
}

function unescapePart(part: Part): Part {
  return part.kind === 'text' ? { kind: 'text', value: part.value.replace(/\\(["\\])/g, '$1') } : part;
}

/** White space, or the backslash that continues a magic on the next line. */
function isSpace(source: string, i: number): boolean {
  const c = source[i]!;
  return c === ' ' || c === '\t' || c === '\n' || c === '\r' || (c === '\\' && /^\\\r?\n/.test(source.slice(i, i + 3)));
}
