import type { PiiEntity, PiiKind, Recognizer } from './entity.ts';
import { ibanRecognizer } from './iban.ts';
import { patternRecognizer } from './pattern-recognizer.ts';
import { patterns } from './patterns.ts';
import { personRecognizer } from './person.ts';
import { phoneRecognizer } from './phone.ts';

const recognizers: readonly Recognizer[] = [
  ...patterns.map(patternRecognizer),
  ibanRecognizer,
  phoneRecognizer,
  personRecognizer,
];

export interface FindPiiOptions {
  /** Absent: every kind. */
  readonly kinds?: readonly PiiKind[];
  /** Entities that are less certain are left out; 0.5 by default. */
  readonly minimumScore?: number;
}

/** Personal data in a text, in order and without overlaps: of two that overlap the more certain stays, then the longer. */
export function findPii(text: string, { kinds, minimumScore = 0.5 }: FindPiiOptions = {}): PiiEntity[] {
  const found = recognizers
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .flatMap((recognizer) => [...recognizer.find(text)])
    .filter(({ score }) => score >= minimumScore)
    .sort((a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start);
  const kept: PiiEntity[] = [];
  for (const candidate of found) {
    if (kept.every((other) => candidate.end <= other.start || candidate.start >= other.end)) kept.push(candidate);
  }
  return kept.sort((a, b) => a.start - b.start);
}
