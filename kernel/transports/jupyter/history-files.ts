import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export type HistoryEntry = readonly [session: number, line: number, input: string];

/** Where one session's cells are kept. */
export interface SessionFile {
  /** From 1; each session has its own. */
  readonly number: number;
  append(line: number, input: string): void;
}

const keptSessions = 100;

/** The user's own data folder: history is not for others' eyes. */
export function historyFolder(): string {
  const { XDG_DATA_HOME, LOCALAPPDATA } = process.env;
  const base = XDG_DATA_HOME || LOCALAPPDATA || path.join(homedir(), '.local', 'share');
  return path.join(base, 'llmops-notebook', 'history');
}

/** Takes the next free number, which no other kernel can take then, and forgets the oldest sessions. */
export function claimSession(folder = historyFolder()): SessionFile {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const numbers = sessionsIn(folder);
    for (const old of numbers.slice(0, -keptSessions)) rmSync(fileOf(folder, old), { force: true });
    for (let number = (numbers.at(-1) ?? 0) + 1; ; number++) {
      if (createFile(fileOf(folder, number))) return { number, append: appendTo(fileOf(folder, number)) };
    }
  } catch {
    // A folder that cannot be written costs the history, nothing else.
    return { number: 1, append: () => undefined };
  }
}

/** The cells of all sessions that are kept, oldest first. */
export function readSessions(folder = historyFolder()): HistoryEntry[] {
  return sessionsIn(folder).flatMap((number) => {
    const lines = readFileSync(fileOf(folder, number), 'utf8').split('\n').filter(Boolean);
    return lines.flatMap((text): HistoryEntry[] => {
      try {
        const [line, input] = JSON.parse(text) as [number, string];
        return [[number, line, input]];
      } catch {
        // The last line of a kernel that was killed while it wrote.
        return [];
      }
    });
  });
}

function sessionsIn(folder: string): number[] {
  try {
    const names = readdirSync(folder).filter((name) => /^\d+\.jsonl$/.test(name));
    return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function fileOf(folder: string, session: number): string {
  return path.join(folder, `${session}.jsonl`);
}

/** False when the file is there already. */
function createFile(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function appendTo(file: string): SessionFile['append'] {
  return (line, input) => {
    try {
      appendFileSync(file, `${JSON.stringify([line, input])}\n`);
    } catch {
      // A full disk must not end the cell.
    }
  };
}
