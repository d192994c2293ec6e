import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type Emit = (name: 'stdout' | 'stderr', text: string) => void;

/** What one cell prints. */
export interface PrintedText {
  write: Emit;
  /** Says what was left out, and where it is. What is printed later (by a timer) is limited in the same way. */
  end(): void;
}

/** A notebook shows this many characters of one cell; more would slow every client and bloat the file. */
const shownCharacters = 1_000_000;
/** Of what is left out, the end is shown: that is where errors are. */
const tailCharacters = 4000;
/** The file takes this much at most. */
const maxLogBytes = 2 * 1024 ** 3;

/** Shows the beginning and the end of a cell's text; all of it is written to a file once it is too long to be shown. */
export function createPrintedText(cell: number, emit: Emit): PrintedText {
  let written = 0;
  /** What was shown, until the file begins with it. */
  let shown: string[] = [];
  let log: Log | undefined;
  let tail = '';
  let leftOut = 0;

  function overflow(text: string): void {
    log ??= openLog(cell, shown);
    shown = [];
    log.write(text);
    leftOut += text.length;
    tail = (tail + text.slice(-tailCharacters)).slice(-tailCharacters);
  }

  return {
    write(name, text) {
      const room = Math.max(0, shownCharacters - written);
      written += text.length;
      const fitting = text.slice(0, room);
      if (fitting !== '') {
        emit(name, fitting);
        if (log === undefined) shown.push(fitting);
        else log.write(fitting);
      }
      if (text.length > room) overflow(text.slice(room));
    },
    end() {
      if (log === undefined || leftOut === 0) return;
      const omitted = leftOut - tail.length;
      if (omitted > 0) emit('stderr', `\n[${count(omitted)} left out; all of it: ${log.place()}]\n`);
      emit('stdout', tail);
      log.close();
      leftOut = 0;
      tail = '';
    },
  };
}

interface Log {
  write(text: string): void;
  /** Until more is written. */
  close(): void;
  /** The file's path, or why it does not hold everything. */
  place(): string;
}

let folder: string | undefined;

/** A file of this kernel, for its user only, that begins with what was shown. */
function openLog(cell: number, shown: readonly string[]): Log {
  let bytes = 0;
  let problem = '';
  let file = '';
  let descriptor: number | undefined;

  function append(text: string): void {
    folder ??= mkdtempSync(path.join(tmpdir(), 'llmops-output-'));
    file = path.join(folder, `cell-${cell}.log`);
    if (bytes === 0) rmSync(file, { force: true });
    descriptor ??= openSync(file, 'a', 0o600);
    if (bytes + text.length > maxLogBytes) problem = ` (cut after ${maxLogBytes / 1024 ** 3} GB)`;
    else bytes += writeSync(descriptor, text);
  }

  function write(text: string): void {
    if (problem !== '') return;
    try {
      append(text);
    } catch (error) {
      problem = ` (cut: ${(error as Error).message})`;
    }
  }

  for (const text of shown) write(text);
  return {
    write,
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
    place: () => `${file}${problem}`,
  };
}

function count(characters: number): string {
  return characters < 1e6 ? `${characters.toLocaleString('en-US')} characters` : `${(characters / 1e6).toFixed(1)} MB`;
}
