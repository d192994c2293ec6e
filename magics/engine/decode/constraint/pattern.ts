/** A nondeterministic automaton over bytes, as it is built: states are numbers, 0 is the first. */
export interface Automaton {
  /** States that are reached without a byte. */
  readonly free: number[][];
  /** Bytes `from` to `to` lead to `target`. */
  readonly edges: { from: number; to: number; target: number }[][];
}

/** Adds states for a language from `start` on, and answers the state in which its words end. Each use makes new states. */
export type Pattern = (automaton: Automaton, start: number) => number;

export function newState({ free, edges }: Automaton): number {
  edges.push([]);
  return free.push([]) - 1;
}

/** A text, byte for byte in UTF-8. */
export function text(value: string): Pattern {
  const bytes = Buffer.from(value);
  return (automaton, start) => bytes.reduce((state, byte) => bytesBetween(byte, byte)(automaton, state), start);
}

/** One byte of a range. */
export function bytesBetween(from: number, to: number): Pattern {
  return (automaton, start) => {
    const target = newState(automaton);
    automaton.edges[start]!.push({ from, to, target });
    return target;
  };
}

export function sequence(...patterns: readonly Pattern[]): Pattern {
  return (automaton, start) => patterns.reduce((state, pattern) => pattern(automaton, state), start);
}

export function either(...patterns: readonly Pattern[]): Pattern {
  return (automaton, start) => {
    const end = newState(automaton);
    for (const pattern of patterns) {
      const own = newState(automaton);
      automaton.free[start]!.push(own);
      automaton.free[pattern(automaton, own)]!.push(end);
    }
    return end;
  };
}

export function optional(pattern: Pattern): Pattern {
  return either(sequence(), pattern);
}

/** From `least` to `most` times, one after the other. */
export function times(pattern: Pattern, least: number, most = Number.POSITIVE_INFINITY): Pattern {
  return (automaton, start) => {
    let state = start;
    for (let i = 0; i < least; i++) state = pattern(automaton, state);
    const end = newState(automaton);
    if (most === Number.POSITIVE_INFINITY) {
      const loop = newState(automaton);
      automaton.free[state]!.push(loop);
      automaton.free[pattern(automaton, loop)]!.push(loop);
      automaton.free[loop]!.push(end);
      return end;
    }
    for (let i = least; i < most; i++) {
      automaton.free[state]!.push(end);
      state = pattern(automaton, state);
    }
    automaton.free[state]!.push(end);
    return end;
  };
}
