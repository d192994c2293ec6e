/** A cell may write this much; what follows is dropped with a notice. Notebooks and clients cannot bear more. */
const maxCharactersPerCell = 4 * 1024 * 1024;
/** Writes that pass at once within one window; beyond them, text is gathered into larger pieces. */
const maxWritesPerWindow = 200;
const windowMs = 100;
const pieceCharacters = 32 * 1024;

type Emit = (name: 'stdout' | 'stderr', text: string) => void;

/** Sends what cells write to `process.stdout` and `process.stderr` to `emit`, in order. */
export function captureOutput(emit: Emit): { beginCell(): void } {
  const gathered = createGatherer(emit);
  let written = 0;
  const write = (name: 'stdout' | 'stderr', text: string) => {
    if (written > maxCharactersPerCell) return;
    written += text.length;
    gathered.write(name, text);
    if (written <= maxCharactersPerCell) return;
    const megabytes = maxCharactersPerCell / 1024 / 1024;
    gathered.write('stderr', `\n[Output cut after ${megabytes} MB. Write long output to a file.]\n`);
  };
  for (const name of ['stdout', 'stderr'] as const) process[name].write = createWrite((text) => write(name, text));
  return {
    beginCell() {
      gathered.flush();
      written = 0;
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
