/** A line of a cell that is not TypeScript: `%name ...` or `!command`. */
export interface FoundLine {
  readonly sign: '%' | '!';
  /** Offset of the sign. */
  readonly start: number;
  /** Offset of the line's end (its line feed, or the end of the cell); lines continued by `\` count as one. */
  readonly end: number;
}

const candidate = /^[ \t]*(?:%[A-Za-z]|![A-Za-z./~])/;

/** True when a cell needs `rewrite`: it has a line that is not TypeScript. */
export function hasMagics(source: string): boolean {
  return isMagicCell(source) || findMagicLines(source).length > 0;
}

/** True for a cell whose first line is `%%name`. */
export function isMagicCell(source: string): boolean {
  return /^\s*%%[A-Za-z]/.test(source);
}

/** Finds magic and shell lines at places where a statement may begin: not in strings, comments, parentheses or operators. */
export function findMagicLines(source: string): FoundLine[] {
  if (!/^[ \t]*[%!]/m.test(source)) return [];
  const found: FoundLine[] = [];
  const state = { parens: 0, braces: [] as boolean[], last: '' };
  for (let i = 0; i < source.length; ) {
    if (mayBegin(state) && candidate.test(source.slice(i, i + 200))) {
      const start = i + source.slice(i).search(/\S/);
      const end = endOfLine(source, start);
      found.push({ sign: source[start] as '%' | '!', start, end });
      i = end + 1;
    } else i = skipLine(source, i, state);
  }
  return found;
}

interface State {
  /** Open parentheses and brackets. */
  parens: number;
  /** Open braces; true for those of a `${` in a template. */
  braces: boolean[];
  /** Last character that is neither space nor comment. */
  last: string;
}

function mayBegin({ parens, braces, last }: State): boolean {
  return parens === 0 && !braces.includes(true) && (last === '' || /[\w$)\]};"'`]/.test(last));
}

function endOfLine(source: string, start: number): number {
  for (let i = start; ; i++) {
    const end = source.indexOf('\n', i);
    if (end < 0) return source.length;
    if (!/\\\r?$/.test(source.slice(start, end))) return end;
    i = end;
  }
}

/** Reads TypeScript from the start of a line to the start of a later one; templates and comments may span lines. */
function skipLine(source: string, start: number, state: State): number {
  let i = start;
  while (i < source.length) {
    const c = source[i]!;
    if (c === '\n') return i + 1;
    if (source.startsWith('//', i)) i = indexOrEnd(source, '\n', i);
    else if (source.startsWith('/*', i)) i = indexOrEnd(source, '*/', i + 2) + 2;
    else if (c === '"' || c === "'") i = remember(state, c, skipQuoted(source, i, c));
    else if (c === '`') i = remember(state, c, skipTemplate(source, i + 1, state));
    else if (c === '/' && !/[\w$)\]}]/.test(state.last)) i = remember(state, 'x', skipQuoted(source, i, '/'));
    else if (c === '}' && state.braces.at(-1) === true) {
      state.braces.pop();
      i = remember(state, '`', skipTemplate(source, i + 1, state));
    } else i = remember(state, c, i + 1);
  }
  return i;
}

function remember(state: State, c: string, next: number): number {
  if (c === '(' || c === '[') state.parens++;
  else if (c === ')' || c === ']') state.parens--;
  else if (c === '{') state.braces.push(false);
  else if (c === '}') state.braces.pop();
  if (/\S/.test(c)) state.last = c;
  return next;
}

/** Past a string or regular expression; it ends at the line's end at the latest. */
function skipQuoted(source: string, start: number, quote: string): number {
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i + 1;
    else if (source[i] === '\n') return i;
  }
  return source.length;
}

/** Past a template, or into its next `${`. */
function skipTemplate(source: string, start: number, state: State): number {
  for (let i = start; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '`') return i + 1;
    else if (source.startsWith('${', i)) {
      state.braces.push(true);
      return i + 2;
    }
  }
  return source.length;
}

function indexOrEnd(source: string, text: string, from: number): number {
  const at = source.indexOf(text, from);
  return at < 0 ? source.length : at;
}
