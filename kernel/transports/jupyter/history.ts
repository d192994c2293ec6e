import { claimSession, type HistoryEntry, readSessions, type SessionFile } from './history-files.ts';

export interface History {
  add(line: number, input: string): void;
  /** Text of a cell's result: kept for this session only. */
  addOutput(line: number, text: string): void;
  /** Answers a `history_request`. */
  search(request: Record<string, unknown>): readonly unknown[];
}

/**
 * What was run, as Jupyter's consoles ask for it: in this session, and in earlier ones, which lie in `folder` as one file
 * each. Where the folder cannot be written, a session is forgotten with its kernel.
 */
export function createHistory(folder?: string): History {
  const own: [line: number, input: string][] = [];
  const outputs = new Map<number, string>();
  let claimed: SessionFile | undefined;
  const session = () => {
    claimed ??= claimSession(folder);
    return claimed;
  };

  return {
    addOutput: (line, text) => void outputs.set(line, text),
    add(line, input) {
      own.push([line, input]);
      session().append(line, input);
    },
    search(request) {
      const current = session().number;
      const earlier = readSessions(folder).filter(([number]) => number !== current);
      const all = [...earlier, ...own.map(([line, input]): HistoryEntry => [current, line, input])];
      const found = select(all, request, current);
      if (request.output !== true) return found;
      const outputOf = (number: number, line: number) => (number === current ? (outputs.get(line) ?? null) : null);
      return found.map(([number, line, input]) => [number, line, [input, outputOf(number, line)]]);
    },
  };
}

function select(
  entries: readonly HistoryEntry[],
  request: Record<string, unknown>,
  current: number,
): readonly HistoryEntry[] {
  const { hist_access_type: kind, n, session = 0, start = 0, stop, pattern = '*', unique } = request;
  const limit = typeof n === 'number' && n > 0 ? n : entries.length;
  if (kind === 'range') {
    const end = typeof stop === 'number' ? stop : Number.POSITIVE_INFINITY;
    // Zero is this session, -1 the one before it.
    const wanted = Number(session) > 0 ? Number(session) : current + Number(session);
    return entries.filter(([number, line]) => number === wanted && line >= Number(start) && line < end);
  }
  const isMatch = kind === 'search' ? globPattern(String(pattern)) : undefined;
  const matches = isMatch === undefined ? entries : entries.filter(([, , input]) => isMatch.test(input));
  const kept = unique === true ? [...new Map(matches.map((entry) => [entry[2], entry])).values()] : matches;
  return limit === 0 ? [] : kept.slice(-limit);
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
