/** The type of a column's values, taken apart; missing values aside. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly element: ValueType }
  | { readonly kind: 'object'; readonly fields: readonly { readonly name: string; readonly type: ValueType }[] };

/** Reads the type of a column as `describeColumns` writes it: `{ role: string; content: string }[] | null`. Unions of several types are `mixed`. */
export function parseColumnType(text: string): ValueType {
  const parts = splitTop(text, ' | ').filter((part) => part !== 'null');
  const [only] = parts;
  if (only === undefined || parts.length > 1) return { kind: 'scalar', name: only === undefined ? 'null' : 'mixed' };
  if (only.endsWith('[]')) return { kind: 'list', element: parseColumnType(unwrapped(only.slice(0, -2))) };
  if (!only.startsWith('{ ')) return { kind: 'scalar', name: only };
  return { kind: 'object', fields: splitTop(only.slice(2, -2), '; ').map(parseField) };
}

function parseField(text: string): { name: string; type: ValueType } {
  const [, quoted, plain, type = ''] = /^(?:("(?:[^"\\]|\\.)*")|([^":?\s]+))\??: (.*)$/s.exec(text) ?? [];
  return { name: quoted === undefined ? (plain ?? '') : (JSON.parse(quoted) as string), type: parseColumnType(type) };
}

function unwrapped(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
}

/** Splits at separators that stand in no quotes and no brackets. */
function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && '{(<'.includes(character)) depth++;
    else if (!isQuoted && '})>'.includes(character)) depth--;
    if (depth === 0 && !isQuoted && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
    }
  }
  return [...parts, text.slice(start)];
}
