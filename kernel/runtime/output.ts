import { createPrintedText, type Emit, type PrintedText } from './printed-text.ts';

/** Writes that pass at once within one window; beyond them, text is gathered into larger pieces. */
const maxWritesPerWindow = 200;
const windowMs = 100;
const pieceCharacters = 32 * 1024;

/** What cells print, on its way to their outputs. */
export interface Output {
  beginCell(cell: number): void;
  /** To be called when a cell has run: says what was left out. */
  endCell(): void;
  /** The cell's outputs were cleared: what it prints counts from here on. */
  clear(): void;
  /** Sends on what is gathered: something else is about to be sent. */
  flush(): void;
}

/** Sends what cells write to `process.stdout` and `process.stderr` to `emit`, in order; long output goes to a file. */
export function captureOutput(emit: Emit): Output {
  const gathered = createGatherer(emit);
  let cellInHand = 0;
  let text: PrintedText = createPrintedText(cellInHand, gathered.write);
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = createWrite((written) => text.write(name, written));
  }
  return {
    flush: gathered.flush,
    beginCell(cell) {
      text.end();
      gathered.flush();
      cellInHand = cell;
      text = createPrintedText(cell, gathered.write);
    },
    clear() {
      gathered.flush();
      text = createPrintedText(cellInHand, gathered.write);
    },
    endCell() {
      text.end();
      gathered.flush();
    },
  };
}

/** A replacement of `stream.write` that takes text or bytes and calls back like the original. */
function createWrite(write: (text: string) => void): typeof process.stdout.write {
  const decoder = new TextDecoder();
  return (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ) => {
    write(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
}

/** Passes text on at once while there is little of it, in larger pieces when there is much. */
function createGatherer(emit: Emit): { write: Emit; flush(): void } {
  let windowStart = 0;
  let writes = 0;
  let name: 'stdout' | 'stderr' = 'stdout';
  let text = '';
  let scheduled = false;
  const flush = () => {
    if (text !== '') emit(name, text);
    text = '';
  };
  return {
    flush,
    write(stream, more) {
      const now = performance.now();
      if (now - windowStart > windowMs) {
        windowStart = now;
        writes = 0;
      }
      if (stream !== name) flush();
      name = stream;
      text += more;
      if (++writes <= maxWritesPerWindow || text.length >= pieceCharacters) return flush();
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        flush();
      });
    },
  };
}
