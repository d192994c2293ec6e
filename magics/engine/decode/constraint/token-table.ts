import type { TokenMask } from '../sample.ts';
import type { ByteMachine } from './byte-machine.ts';

/** The tokens of a vocabulary by their bytes, sorted, so that those with a common beginning stand together. */
export interface TokenTable {
  bytesOf(id: number): Uint8Array | undefined;
  /** Tokens with which a word goes on from `state`, and the most bytes that are then left to its shortest end. */
  allowed(machine: ByteMachine, state: number, mostLeft: number): { mask: TokenMask; worst: number; isEmpty: boolean };
}

/** `tokens` are the bytes of each token that stands for text, by id. */
export function createTokenTable(tokens: ReadonlyMap<number, Uint8Array>, vocabularySize: number): TokenTable {
  const sorted = [...tokens]
    .filter(([id, bytes]) => bytes.length > 0 && id < vocabularySize)
    .sort(([, a], [, b]) => Buffer.compare(a, b));
  const shared = sorted.map(([, bytes], i) => (i === 0 ? 0 : sharedBytes(bytes, sorted[i - 1]![1])));
  const longest = Math.max(0, ...sorted.map(([, { length }]) => length));
  return {
    bytesOf: (id) => tokens.get(id),
    allowed(machine, state, mostLeft) {
      const mask = new Uint32Array(Math.ceil(vocabularySize / 32));
      const states = new Int32Array(longest + 1);
      states[0] = state;
      let [failedAt, worst, isEmpty] = [Number.POSITIVE_INFINITY, 0, true];
      for (const [i, [id, bytes]] of sorted.entries()) {
        // What shares the byte that failed with the token before fails as well.
        if (shared[i]! > failedAt) continue;
        failedAt = walk(machine, states, bytes, shared[i]!);
        if (failedAt < bytes.length) continue;
        failedAt = Number.POSITIVE_INFINITY;
        const left = machine.distance(states[bytes.length]!);
        if (left > mostLeft) continue;
        mask[id >>> 5]! |= 1 << (id & 31);
        worst = Math.max(worst, left);
        isEmpty = false;
      }
      return { mask, worst, isEmpty };
    },
  };
}

/** Fills in the states after each byte from `start` on; the place of the first byte that leads nowhere, or the length. */
function walk(machine: ByteMachine, states: Int32Array, bytes: Uint8Array, start: number): number {
  for (let i = start; i < bytes.length; i++) {
    const next = machine.next(states[i]!, bytes[i]!);
    if (next === -1) return i;
    states[i + 1] = next;
  }
  return bytes.length;
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
