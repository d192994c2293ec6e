/** What byte-pair encoding learns: the tokens in the order of their ids, and the merges in the order they apply. */
export interface Merges {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

interface Word {
  symbols: number[];
  count: number;
}

interface Candidate {
  pair: number;
  count: number;
}

/**
 * Learns byte-pair merges from pre-token frequencies, as Hugging Face's BpeTrainer does: the most frequent pair first,
 * ties to the pair with the lower ids, until there are `vocabularySize` tokens or no pair is seen `minFrequency` times.
 * Every character of every word must be in `alphabet`.
 */
export function learnMerges(
  frequencies: ReadonlyMap<string, number>,
  options: { alphabet: readonly string[]; vocabularySize: number; minFrequency: number },
): Merges {
  const tokens = [...options.alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = [...frequencies].map(([text, count]) => ({ symbols: Array.from(text, (c) => ids.get(c)!), count }));
  const { counts, places } = countPairs(words);
  const queue: Candidate[] = [];
  for (const [pair, count] of counts) push(queue, { pair, count });
  const merges: [string, string][] = [];
  while (tokens.length < options.vocabularySize) {
    const top = pop(queue);
    if (top === undefined || top.count < Math.max(1, options.minFrequency)) break;
    const count = counts.get(top.pair) ?? 0;
    if (count !== top.count) {
      if (count > 0) push(queue, { pair: top.pair, count });
      continue;
    }
    const [left, right] = partsOf(top.pair);
    const merged = tokens[left]! + tokens[right]!;
    const id = ids.get(merged) ?? tokens.push(merged) - 1;
    ids.set(merged, id);
    merges.push([tokens[left]!, tokens[right]!]);
    const grown = new Set<number>();
    for (const index of places.get(top.pair) ?? []) {
      for (const [pair, change] of mergeInWord(words[index]!, left, right, id)) {
        counts.set(pair, (counts.get(pair) ?? 0) + change * words[index]!.count);
        if (change < 0) continue;
        placesOf(places, pair).add(index);
        grown.add(pair);
      }
    }
    counts.delete(top.pair);
    places.delete(top.pair);
    for (const pair of grown) push(queue, { pair, count: counts.get(pair) ?? 0 });
  }
  return { tokens, merges };
}

function countPairs(words: readonly Word[]): { counts: Map<number, number>; places: Map<number, Set<number>> } {
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  for (const [index, { symbols, count }] of words.entries()) {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = pairOf(symbols[i]!, symbols[i + 1]!);
      counts.set(pair, (counts.get(pair) ?? 0) + count);
      placesOf(places, pair).add(index);
    }
  }
  return { counts, places };
}

/** Replaces `left right` by `id` from left to right; gives each pair that appeared (+1) or vanished (-1). */
function mergeInWord(word: Word, left: number, right: number, id: number): [pair: number, change: number][] {
  const { symbols } = word;
  const changes: [number, number][] = [];
  for (let i = 0; i + 1 < symbols.length; i++) {
    if (symbols[i] !== left || symbols[i + 1] !== right) continue;
    const before = symbols[i - 1];
    const after = symbols[i + 2];
    if (before !== undefined) changes.push([pairOf(before, left), -1], [pairOf(before, id), 1]);
    if (after !== undefined) changes.push([pairOf(right, after), -1], [pairOf(id, after), 1]);
    symbols.splice(i, 2, id);
  }
  return changes;
}

/** Two ids in one exact number, ordered as the pairs are; ids stay below 2^21. */
function pairOf(left: number, right: number): number {
  return left * 0x200000 + right;
}

function partsOf(pair: number): [number, number] {
  return [Math.floor(pair / 0x200000), pair % 0x200000];
}

function placesOf(places: Map<number, Set<number>>, pair: number): Set<number> {
  const found = places.get(pair) ?? new Set<number>();
  places.set(pair, found);
  return found;
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.count !== b.count ? a.count > b.count : a.pair < b.pair;
}

/** Binary heap, the best candidate at index 0. */
function push(heap: Candidate[], candidate: Candidate): void {
  let i = heap.push(candidate) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(candidate, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = candidate;
}

function pop(heap: Candidate[]): Candidate | undefined {
  const best = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return best;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return best;
}
