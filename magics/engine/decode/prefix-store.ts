import type { SavedPositions } from './cache.ts';

/** Fewer tokens than this are faster computed again than looked after. */
export const leastPrefixTokens = 16;

/** Caches of finished sequences, the least recently used ones dropped first. */
export interface PrefixStore {
  /** The saved sequence of this adapter that shares most first tokens with `tokens`, if it is enough of them. */
  find(tokens: readonly number[], adapter: string | undefined): { saved: SavedPositions; length: number } | undefined;
  /** Whether nothing of it is saved. */
  lacksAll(tokens: readonly number[], adapter: string | undefined): boolean;
  /** Whether saving such a sequence would add anything. */
  lacks(tokens: readonly number[], adapter: string | undefined): boolean;
  add(tokens: readonly number[], adapter: string | undefined, saved: SavedPositions): void;
  /** Forgets what an adapter computed. */
  drop(adapter: string): void;
}

interface Entry {
  tokens: readonly number[];
  adapter: string | undefined;
  saved: SavedPositions;
}

export function createPrefixStore(mostBytes: number): PrefixStore {
  /** In the order of their last use. */
  let entries: Entry[] = [];
  const longest = (tokens: readonly number[], adapter: string | undefined) => {
    let found: { entry: Entry; length: number } | undefined;
    for (const entry of entries) {
      if (entry.adapter !== adapter) continue;
      const length = sharedLength(entry.tokens, tokens);
      if (length >= leastPrefixTokens && length > (found?.length ?? 0)) found = { entry, length };
    }
    return found;
  };
  const remove = (isGone: (entry: Entry) => boolean): void => {
    for (const { saved } of entries.filter(isGone)) saved.release();
    entries = entries.filter((entry) => !isGone(entry));
  };
  return {
    find(tokens, adapter) {
      const found = longest(tokens, adapter);
      if (found === undefined) return undefined;
      entries = [...entries.filter((entry) => entry !== found.entry), found.entry];
      return { saved: found.entry.saved, length: found.length };
    },
    lacksAll: (tokens, adapter) => longest(tokens, adapter) === undefined,
    lacks: (tokens, adapter) =>
      tokens.length >= leastPrefixTokens && (longest(tokens, adapter)?.length ?? 0) < tokens.length,
    add(tokens, adapter, saved) {
      const isCovered = (entry: Entry) =>
        entry.adapter === adapter && sharedLength(entry.tokens, tokens) === entry.tokens.length;
      remove(isCovered);
      entries.push({ tokens, adapter, saved });
      let bytes = entries.reduce((sum, entry) => sum + entry.saved.bytes, 0);
      for (; bytes > mostBytes; bytes -= entries.shift()!.saved.bytes) entries[0]!.saved.release();
    },
    drop: (adapter) => remove((entry) => entry.adapter === adapter),
  };
}

/** How many first tokens two sequences have in common. */
export function sharedLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
