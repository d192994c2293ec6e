/** A stretch of generated text and the cell's text that it stands for. */
interface Segment {
  readonly generated: number;
  readonly length: number;
  readonly original: number;
  readonly originalLength: number;
}

/** Positions between a cell as typed and the TypeScript made of it. */
export interface PositionMap {
  toOriginal(generated: number): number;
  toGenerated(original: number): number;
}

export interface Writer {
  /** Text made for the cell's text from `start` to `end`. */
  write(text: string, start: number, end?: number): void;
  /** The cell's own text from `start` to `end`. */
  copy(start: number, end: number): void;
  /** Runs `write`; when it throws, what it has written is taken back. */
  attempt(write: () => void): void;
  readonly text: string;
  readonly positions: PositionMap;
}

/** Collects generated text and remembers where each piece of it comes from. */
export function createWriter(source: string): Writer {
  const segments: Segment[] = [];
  let text = '';
  const write = (piece: string, original: number, end = original) => {
    segments.push({ generated: text.length, length: piece.length, original, originalLength: end - original });
    text += piece;
  };
  return {
    write,
    copy: (start, end) => write(source.slice(start, end), start, end),
    attempt(action) {
      const before = { text, segments: segments.length };
      try {
        action();
      } catch (error) {
        text = before.text;
        segments.length = before.segments;
        throw error;
      }
    },
    get text() {
      return text;
    },
    positions: positionMap(segments),
  };
}

/** Positions of a cell without magics: they stay. */
export const samePositions: PositionMap = { toOriginal: (offset) => offset, toGenerated: (offset) => offset };

function positionMap(segments: readonly Segment[]): PositionMap {
  const isCopy = (s: Segment) => s.length === s.originalLength;
  return {
    toOriginal(generated) {
      const segment = segments.findLast((s) => s.generated <= generated) ?? segments[0];
      if (segment === undefined) return generated;
      return isCopy(segment)
        ? segment.original + Math.min(generated - segment.generated, segment.length)
        : segment.original;
    },
    toGenerated(original) {
      const inside = (s: Segment) => s.original <= original && original <= s.original + s.originalLength;
      const segment =
        segments.find((s) => isCopy(s) && inside(s)) ?? segments.findLast((s) => s.original <= original) ?? segments[0];
      if (segment === undefined) return original;
      return isCopy(segment)
        ? segment.generated + Math.min(original - segment.original, segment.length)
        : segment.generated;
    },
  };
}
