import { normalizeText } from '../text.ts';

/** UTF-16 units of a shingle. */
const shingleUnits = 5;

/** Reads texts into one buffer that is used again: no allocation per text. */
export function createShingler(): (text: string) => Uint32Array {
  let buffer = new Uint32Array(1024);
  /** Hashes of the 5-character shingles of a text (case and white space aside), each once, ascending; valid until the next call. */
  return (text) => {
    const plain = normalizeText(text);
    const count = Math.max(1, plain.length - shingleUnits + 1);
    if (count > buffer.length) buffer = new Uint32Array(2 * count);
    for (let i = 0; i < count; i++) buffer[i] = hashOf(plain, i, Math.min(plain.length, i + shingleUnits));
    return buffer.subarray(0, unique(buffer.subarray(0, count).sort()));
  };
}

/** 32-bit FNV-1a of text[start, end). */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Moves the different values of an ascending list to its front; gives their number. */
function unique(sorted: Uint32Array): number {
  let count = 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i]!;
  return count;
}
