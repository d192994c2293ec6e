/** The information separators, which Python counts as white space and Unicode does not. */
const separators = String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f);
const whiteSpace = new RegExp(`[\\p{White_Space}${separators}]+`, 'u');
const trailing = new RegExp(`${whiteSpace.source}$`, 'u');

/** Words between white space, as Python splits them. */
export function splitWords(line: string): string[] {
  return line.split(whiteSpace).filter((word) => word !== '');
}

/** The text without white space at its end, as Python strips it. */
export function trimEnd(text: string): string {
  return text.length > 0 && isWhiteSpace(text.charCodeAt(text.length - 1)) ? text.replace(trailing, '') : text;
}

/** True for the UTF-16 code units that Python's `str.isspace` holds for (all of them lie in the basic plane). */
export function isWhiteSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  return (code >= 0x2000 && code <= 0x200a) || code === 0x1680 || rare.has(code);
}

/** Line and paragraph separator, narrow no-break space, mathematical space, ideographic space. */
const rare = new Set([0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);
