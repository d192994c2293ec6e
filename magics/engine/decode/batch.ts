import type { ModelConfig } from '../config.ts';
import type { KeyValueCache } from './cache.ts';
import { leastPrefixTokens, type PrefixStore, sharedLength } from './prefix-store.ts';
import type { Row } from './row.ts';

/** Tokens for which a new row reserves room at once; the caches grow when it makes more. */
const reservedTokens = 128;

/** A sequence, and who waits for it. */
export interface Member {
  row: Row;
  resolve(): void;
  reject(error: unknown): void;
}

/** The sequences that have rows of the cache: the members in their order, after them the one whose prompt is being read. */
export interface Batch {
  readonly members: readonly Member[];
  readonly reading: Member | undefined;
  /** Makes room for so many rows as long as this one. */
  reserve(rows: number, row: Row): void;
  /** Copies what other sequences have computed of the prompt into the first free row. */
  reuse(row: Row): void;
  /** Gives the first free row to a sequence whose prompt is read in parts. */
  read(member: Member): void;
  /** Takes in sequences whose prompts lie in the first free rows. */
  join(...joined: readonly Member[]): void;
  /** Ends a member and keeps what it computed for others that begin alike. */
  leave(place: number): void;
  /** Ends those that were aborted. */
  dropAborted(): void;
  /** Gives up all of them, and answers them. */
  clear(): Member[];
}

export function createBatch(config: ModelConfig, cache: KeyValueCache, prefixes: PrefixStore): Batch {
  const members: Member[] = [];
  let reading: Member | undefined;

  const dropFree = () => cache.drop(members.length + (reading === undefined ? 0 : 1));

  /** The last member moves into the free place, and the one being read into that. */
  const closeGap = (place: number): void => {
    const last = members.length - 1;
    if (place !== last) cache.copyRow(last, place, members[last]!.row.cached);
    members[place] = members[last]!;
    members.pop();
    if (reading !== undefined) cache.copyRow(last + 1, last, reading.row.cached);
    dropFree();
  };

  const batch: Batch = {
    members,
    get reading() {
      return reading;
    },
    reserve: (rows, row) => cache.reserve(rows, Math.min(config.contextTokens, row.tokens.length + reservedTokens)),
    reuse(row) {
      const place = members.length;
      const most = row.prompt.length - 1;
      const { adapter } = row.options;
      const lengths = members.map(({ row: other }) =>
        other.options.adapter === adapter ? Math.min(sharedLength(other.tokens, row.prompt), other.cached) : 0,
      );
      const source = lengths.indexOf(Math.max(0, ...lengths));
      const saved = prefixes.find(row.prompt, adapter);
      if (saved !== undefined && saved.length >= (lengths[source] ?? 0)) {
        row.cached = Math.min(saved.length, most);
        saved.saved.restore(place, row.cached);
      } else if (source !== -1 && lengths[source]! >= leastPrefixTokens) {
        row.cached = Math.min(lengths[source]!, most);
        cache.copyRow(source, place, row.cached);
      }
      row.generation.cachedTokens = row.cached;
    },
    read(member) {
      reading = member;
    },
    join(...joined) {
      members.push(...joined);
      if (reading !== undefined && joined.includes(reading)) reading = undefined;
    },
    leave(place) {
      const ended = members[place]!;
      const { tokens, cached, options } = ended.row;
      const computed = tokens.slice(0, cached);
      if (prefixes.lacks(computed, options.adapter)) {
        prefixes.add(computed, options.adapter, cache.save(place, cached));
      }
      closeGap(place);
      endRow(ended);
    },
    dropAborted() {
      if (reading !== undefined && isAborted(reading)) {
        endRow(reading, 'aborted');
        reading = undefined;
        dropFree();
      }
      for (let place = members.length - 1; place >= 0; place--) {
        if (!isAborted(members[place]!)) continue;
        members[place]!.row.generation.finishReason = 'aborted';
        batch.leave(place);
      }
    },
    clear() {
      const all = [...members.splice(0), ...(reading === undefined ? [] : [reading])];
      reading = undefined;
      dropFree();
      return all;
    },
  };
  return batch;
}

/** Finishes a sequence and tells who waits for it. */
export function endRow(ended: Member, reason?: 'aborted'): void {
  ended.row.finish(reason);
  ended.resolve();
}

export function isAborted({ row }: Member): boolean {
  return row.options.signal?.aborted === true;
}
