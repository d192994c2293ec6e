import type { PiiEntity, PiiKind, Recognizer } from './entity.ts';

/** Characters before a match in which a context word counts. */
const contextCharacters = 48;

/** Personal data that has a form of its own. */
export interface Pattern {
  readonly kind: PiiKind;
  /** Global. What it matches is the candidate, or its group `value` where there is one. */
  readonly pattern: RegExp;
  /** Check digits and ranges: false for what only looks alike. */
  isValid?(candidate: string): boolean;
  /** The score of a candidate that is valid, without context. */
  readonly score: number;
  /** Words that make a candidate certain when they stand shortly before it. */
  readonly context?: RegExp;
  /** Words that make it something else. */
  readonly notAfter?: RegExp;
}

/** What a context word adds to the score: Presidio's context enhancement. */
const contextScore = 0.5;

/** A recognizer that matches, validates and weighs the words before. */
export function patternRecognizer({ kind, pattern, isValid, score, context, notAfter }: Pattern): Recognizer {
  function* matches(text: string): Generator<PiiEntity> {
    for (const match of text.matchAll(pattern)) {
      const value = match.groups?.value ?? match[0];
      const start = match.index + match[0].indexOf(value);
      const before = text.slice(Math.max(0, start - contextCharacters), start);
      if (isValid !== undefined && !isValid(value)) continue;
      if (notAfter?.test(before)) continue;
      const total = Math.min(1, score + (context?.test(before) ? contextScore : 0));
      yield entity(kind, start, value, total);
    }
  }
  // Most texts hold nothing: to search costs a third of what it takes to begin to match.
  return { kind, find: (text) => (text.search(pattern) < 0 ? [] : matches(text)) };
}

/** The entity of a value that stands at `start`. */
export function entity(kind: PiiKind, start: number, text: string, score: number): PiiEntity {
  return { kind, start, end: start + text.length, text, score };
}
