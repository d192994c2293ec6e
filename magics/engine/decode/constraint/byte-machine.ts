import { type Automaton, newState, type Pattern } from './pattern.ts';

/** A deterministic automaton over bytes whose states are made when they are first reached. */
export interface ByteMachine {
  readonly start: number;
  /** The state after a byte, or -1 where no word goes on with it. */
  next(state: number, byte: number): number;
  isAccepting(state: number): boolean;
  /** Whether a word that has come here can go on. */
  canGoOn(state: number): boolean;
  /** Least number of bytes to the end of a word. */
  distance(state: number): number;
}

const unknown = -2;

export function createByteMachine(pattern: Pattern): ByteMachine {
  const automaton: Automaton = { free: [], edges: [] };
  const accepting = pattern(automaton, newState(automaton));
  const distances = bytesToEnd(automaton, accepting);
  const numbers = new Map<string, number>();
  const states: { members: readonly number[]; next: Int32Array }[] = [];

  const stateOf = (members: Iterable<number>): number => {
    const closed = closure(automaton, members);
    if (closed.length === 0) return -1;
    const key = closed.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push({ members: closed, next: new Int32Array(256).fill(unknown) }) - 1;
  };

  const next = (state: number, byte: number): number => {
    const { members, next } = states[state]!;
    if (next[byte] !== unknown) return next[byte]!;
    const targets = members.flatMap((member) =>
      automaton.edges[member]!.filter(({ from, to }) => from <= byte && byte <= to).map(({ target }) => target),
    );
    const found = stateOf(targets);
    next[byte] = found;
    return found;
  };

  return {
    start: stateOf([0]),
    next,
    isAccepting: (state) => states[state]!.members.includes(accepting),
    canGoOn: (state) => states[state]!.members.some((member) => automaton.edges[member]!.length > 0),
    distance: (state) => Math.min(...states[state]!.members.map((member) => distances[member]!)),
  };
}

/** The states reached without a byte, sorted. */
function closure({ free }: Automaton, members: Iterable<number>): number[] {
  const reached = new Set(members);
  for (const member of reached) for (const target of free[member]!) reached.add(target);
  return [...reached].sort((a, b) => a - b);
}

/** Least number of bytes from each state to the accepting one: relaxation until nothing changes. */
function bytesToEnd({ free, edges }: Automaton, accepting: number): Float64Array {
  const distances = new Float64Array(free.length).fill(Number.POSITIVE_INFINITY);
  distances[accepting] = 0;
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (let state = free.length - 1; state >= 0; state--) {
      const steps = [
        ...free[state]!.map((target) => distances[target]!),
        ...edges[state]!.map(({ target }) => distances[target]! + 1),
      ];
      const least = Math.min(distances[state]!, ...steps);
      if (least < distances[state]!) {
        distances[state] = least;
        isChanged = true;
      }
    }
  }
  return distances;
}
