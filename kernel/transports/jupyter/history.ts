type Entry = [session: number, line: number, input: string];

export interface History {
  add(line: number, input: string): void;
  /** Answers a `history_request`. */
  search(request: Record<string, unknown>): unknown[];
}

/** What this session has run, as Jupyter's consoles ask for it. */
export function createHistory(): History {
  const entries: Entry[] = [];
  return {
    add: (line, input) => entries.push([0, line, input]),
    search(request) {
      const found = select(entries, request);
      return request.output === true ? found.map(([session, line, input]) => [session, line, [input, null]]) : found;
    },
  };
}

function select(entries: readonly Entry[], request: Record<string, unknown>): Entry[] {
  const { hist_access_type: kind, n, start = 0, stop, pattern = '*', unique } = request;
  const limit = typeof n === 'number' && n > 0 ? n : Number.POSITIVE_INFINITY;
  if (kind === 'range') {
    const end = typeof stop === 'number' ? stop : Number.POSITIVE_INFINITY;
    return entries.filter(([, line]) => line >= Number(start) && line < end);
  }
  if (kind === 'tail') return entries.slice(-Math.min(limit, entries.length));
  const matches = entries.filter(([, , input]) => globPattern(String(pattern)).test(input));
  const kept = unique === true ? [...new Map(matches.map((entry) => [entry[2], entry])).values()] : matches;
  return kept.slice(-Math.min(limit, kept.length));
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
