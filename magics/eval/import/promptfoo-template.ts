/** A text with the values of a row in place of its `{{variables}}`. */
export function fill(text: string, row: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{\{-?\s*([\w.]+)\s*-?\}\}/g, (_, name: string) => {
    const value = name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], row);
    return value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
}
