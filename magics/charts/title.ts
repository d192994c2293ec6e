/** Pixels that a letter of a title takes at most, as vega estimates it where there is no font to measure. */
const letterPixels = 9.5;

/** The title, broken into lines that fit a chart of this width: a title that sticks out would squeeze the plot. */
export function titleLines(title: string, width: number): string | string[] {
  const limit = Math.max(10, Math.floor(width / letterPixels));
  const lines: string[] = [];
  let line = '';
  for (const word of title.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > limit) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return lines.length > 0 ? [...lines, line] : line;
}
