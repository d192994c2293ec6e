/** Jupyter counts positions in Unicode code points; JavaScript in UTF-16 code units. */
export function toCodeUnits(text: string, codePoints: number): number {
  return [...text].slice(0, codePoints).join('').length;
}

/** The code points before a UTF-16 offset. */
export function toCodePoints(text: string, codeUnits: number): number {
  return [...text.slice(0, codeUnits)].length;
}
