import { StringDecoder } from 'node:string_decoder';

/** Splits chunks of UTF-8 into lines at `\n` only: JSON may hold every other kind of line end. The last, unended line waits. */
export function createLineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  return (chunk) => {
    const pieces = decoder.write(chunk).split('\n');
    for (const piece of pieces.slice(0, -1)) {
      onLine(parts.join('') + piece);
      parts = [];
    }
    parts.push(pieces[pieces.length - 1]!);
  };
}
