import { sameSchedule } from './cron.ts';
import { dayNames, monthNames, numberWord, shortDays, shortMonths } from './words.ts';

export interface Leakage {
  /** Share of test texts that occur in training, letter case aside. */
  exactOverlap: number;
  /** Share of test texts that occur in training once numbers, days and months are masked. */
  skeletonOverlap: number;
  /** Score of answering with the cron expression of the most similar training text. */
  nearestNeighbour: number;
}
interface Labelled {
  text: string;
  cron: string;
}

/** How much of a test set could be answered by looking it up in the training set. */
export function measureLeakage(training: readonly Labelled[], test: readonly Labelled[]): Leakage {
  const texts = new Set(training.map((pair) => pair.text.toLowerCase()));
  const skeletons = new Set(training.map((pair) => skeletonOf(pair.text)));
  const answers = nearestNeighbourAnswers(
    training,
    test.map((pair) => pair.text),
  );
  return {
    exactOverlap: share(test, (pair) => texts.has(pair.text.toLowerCase())),
    skeletonOverlap: share(test, (pair) => skeletons.has(skeletonOf(pair.text))),
    nearestNeighbour: share(test, (pair, index) => sameSchedule(answers[index]!, pair.cron)),
  };
}

const numberWords = Array.from({ length: 60 }, (_, n) => numberWord(n)).sort((a, b) => b.length - a.length);
const ordinalWords = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');
const masks: readonly [RegExp, string][] = [
  [new RegExp(`\\b(${dayNames.join('|')})s?\\b|\\b(${shortDays.join('|')})\\b`, 'g'), 'D'],
  [new RegExp(`\\b(${monthNames.join('|')}|${shortMonths.join('|')})\\b`, 'g'), 'M'],
  [new RegExp(`\\b(${[...numberWords, ...ordinalWords].join('|')})\\b`, 'g'), '#'],
  [/\d+(st|nd|rd|th)?/g, '#'],
  [/\s*\b(am|pm)\b/g, 'A'],
  [/[.!?,]+/g, ''],
  [/\s+/g, ' '],
];

/** A text with its numbers, days, months and halves of the day masked, punctuation and letter case dropped. */
export function skeletonOf(text: string): string {
  return masks.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text.toLowerCase()).trim();
}

/** For each text the cron expression of the training text with the largest Jaccard similarity, words weighted by rarity. */
export function nearestNeighbourAnswers(training: readonly Labelled[], texts: readonly string[]): string[] {
  const bags = training.map((pair) => bagOfWords(pair.text));
  const places = new Map<string, number[]>();
  for (const [index, bag] of bags.entries()) {
    for (const word of bag) {
      const found = places.get(word);
      if (found === undefined) places.set(word, [index]);
      else found.push(index);
    }
  }
  const rarity = (word: string) => Math.log(training.length / ((places.get(word)?.length ?? 0) + 0.5));
  const weights = bags.map((bag) => sum([...bag].map(rarity)));
  return texts.map((text) => {
    const words = [...bagOfWords(text)];
    const total = sum(words.map(rarity));
    const shared = new Float64Array(bags.length);
    for (const word of words) {
      const weight = rarity(word);
      for (const index of places.get(word) ?? []) shared[index]! += weight;
    }
    const similarities = shared.map((common, index) => common / (total + weights[index]! - common));
    const best = similarities.reduce((top, value, index) => (value > similarities[top]! ? index : top), 0);
    return training[best]!.cron;
  });
}

function bagOfWords(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[a-z]+|\d+/g) ?? []);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function share<T>(items: readonly T[], isHit: (item: T, index: number) => boolean): number {
  return items.filter(isHit).length / items.length;
}
