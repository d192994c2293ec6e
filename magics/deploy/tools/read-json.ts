/** The JSON object or list that begins at `start`, and where it ends. Undefined when there is none. */
export function readJson(text: string, start: number): { value: unknown; end: number } | undefined {
  if (text[start] !== '{' && text[start] !== '[') return undefined;
  const end = endOf(text, start);
  if (end === undefined) return undefined;
  try {
    return { value: JSON.parse(text.slice(start, end)), end };
  } catch {
    return undefined;
  }
}

/** Where the brackets that open at `start` are closed. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (isInString && c === '\\') i++;
    else if (c === '"') isInString = !isInString;
    else if (!isInString && '{['.includes(c)) depth++;
    else if (!isInString && '}]'.includes(c) && --depth === 0) return i + 1;
  }
  return undefined;
}
