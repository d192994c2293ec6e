/**
 * An error that the user can act on: what failed, the offending value, what to do next.
 * It is shown without a stack. Build each one in a named constructor beside the code that throws it
 * (`datasetNotFound(name, available)`), never inline.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** Text of the cell that the caret should point to, when the mistake can be located. */
  readonly offending?: string;

  constructor(message: string, options: { cause?: unknown; offending?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.offending = options.offending;
  }
}

/** Thrown (or passed as an abort reason) when the user interrupts a cell. Work already saved stays. */
export class Interrupted extends UserError {
  override readonly name = 'Interrupted';
  constructor(message = 'Interrupted.') {
    super(message);
  }
}

/** True for errors whose message is meant for the user; survives duplicated bundles and process borders. */
export function isUserError(error: unknown): error is UserError {
  return error instanceof Error && (error.name === 'UserError' || error.name === 'Interrupted');
}

/** The candidate closest to `name` by edit distance, if any is close enough to suggest. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or the valid names, or nothing: the end of a "no such name" message. */
export function suggestion(name: string, candidates: readonly string[], noun = 'Valid names'): string {
  const near = nearest(name, candidates);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  return candidates.length > 0 ? ` ${noun}: ${candidates.join(', ')}.` : '';
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(row[j - 1]! + 1, rows[i - 1]![j]! + 1, substitution, swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
