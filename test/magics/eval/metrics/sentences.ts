import { readFileSync } from 'node:fs';

interface Vocabulary {
  languages: Record<string, { joiner: string; words: string[] }>;
  stems: string[];
  suffixes: string[];
  punctuation: string[];
  edges: string[];
}

const vocabulary = JSON.parse(readFileSync('test/golden/metrics/vocabulary.json', 'utf8')) as Vocabulary;

/** Marsaglia's xorshift32. */
class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A hypothesis, its reference and a second reference. */
export type Sentences = [hypothesis: string, reference: string, other: string];

/** The sentences that `test/golden/metrics/sentences.py` makes: languages in turn, every 16th of edge cases. */
export function makeSentences(count: number, seed = 20261122): Sentences[] {
  const random = new Random(seed);
  const languages = Object.keys(vocabulary.languages);
  return Array.from({ length: count }, (_, i) => {
    const language = languages[i % languages.length]!;
    if (i % 16 === 0) return [0, 1, 2].map(() => random.pick(vocabulary.edges)) as Sentences;
    const words = makeWords(random, language);
    const texts = [mutate(random, words, language), words, mutate(random, words, language)];
    return texts.map((text) => join(random, text, language)) as Sentences;
  });
}

/** Every stem of the vocabulary with every third suffix. */
export function makeWordForms(): string[] {
  const { stems, suffixes } = vocabulary;
  return stems.flatMap((stem, i) => suffixes.filter((_, k) => (i + k) % 3 === 0).map((suffix) => stem + suffix));
}

function makeWord(random: Random, language: string): string {
  if (language === 'en' && random.below(3) === 0)
    return random.pick(vocabulary.stems) + random.pick(vocabulary.suffixes);
  return random.pick(vocabulary.languages[language]!.words);
}

function makeWords(random: Random, language: string): string[] {
  return Array.from({ length: 1 + random.below(1 + random.below(40)) }, () => makeWord(random, language));
}

function mutate(random: Random, original: readonly string[], language: string): string[] {
  let words = [...original];
  for (let left = random.below(6); left > 0; left--) {
    const place = random.below(words.length + 1);
    const action = random.below(6);
    if (action === 0) words.splice(place, 0, makeWord(random, language));
    else if (action === 1) words.splice(place, 1);
    else if (action === 2) words.splice(place, 1, makeWord(random, language));
    else if (action === 3) words = words.map((word, i) => (i === place ? word.toUpperCase() : word));
    else if (action === 4) words = moveRun(words, place, place + 1 + random.below(5), random);
    else words.splice(place, 0, ...words.slice(Math.max(0, place - 2), place));
  }
  return words;
}

function moveRun(words: readonly string[], start: number, end: number, random: Random): string[] {
  const rest = [...words.slice(0, start), ...words.slice(end)];
  rest.splice(random.below(rest.length + 1), 0, ...words.slice(start, end));
  return rest;
}

function join(random: Random, words: readonly string[], language: string): string {
  const { joiner } = vocabulary.languages[language]!;
  let text = '';
  for (const [i, word] of words.entries()) {
    const chance = i > 0 ? random.below(24) : -1;
    if (chance === 3) text += '\n';
    else if (chance >= 0 && chance < 3) text += random.pick(vocabulary.punctuation) + joiner;
    else if (chance >= 0) text += joiner;
    text += word;
  }
  return text + random.pick(['', '.', ' .', '!', '。', '\n']);
}
