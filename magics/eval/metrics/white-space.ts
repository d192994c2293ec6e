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
  return text.replace(trailing, '');
}
