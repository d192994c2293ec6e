import { findPhoneNumbersInText } from 'libphonenumber-js';
import type { Recognizer } from './entity.ts';
import { entity } from './pattern-recognizer.ts';

/** Countries whose national form is looked for as well; every country's international form is. */
const regions = ['US', 'GB', 'DE', 'FR', 'ES', 'IT', 'IN', 'AU'] as const;
const context = /\b(?:phone|tel(?:ephone)?|mobile|cell|call|fax|whatsapp|text|ring|reach|handy|contact)\b[^\d]{0,24}$/i;
const otherNumber =
  /\b(?:order|invoice|tracking|ticket|account|ssn|nhs|serial|ref(?:erence)?|isbn|id|abn|tfn|pesel|license|passport|security)\b[^.!?]{0,16}$/i;

const punctuated = /^\(\d+\)|^\d{3}[-.]\d{3}[-.]\d{4}\b|^0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}\b/;
/** Digits with what separates them; its length is bounded, because the search within takes more than linear time. */
const candidates = /(?<![\w:])[+(]?\d[\d ()./-]{5,38}\d(?!\w)/g;

/** Telephone numbers by libphonenumber: international ones, and national ones that are punctuated or follow a word such as "call". */
export const phoneRecognizer: Recognizer = {
  kind: 'PHONE_NUMBER',
  *find(text) {
    for (const { 0: candidate, index } of text.matchAll(candidates)) {
      const score = scoreOf(candidate, text.slice(Math.max(0, index - 40), index));
      if (score === 0) continue;
      for (const { startsAt, endsAt } of findNumbers(candidate)) {
        yield entity('PHONE_NUMBER', index + startsAt, candidate.slice(startsAt, endsAt), score);
      }
    }
  },
};

function scoreOf(candidate: string, before: string): number {
  if (otherNumber.test(before)) return 0;
  if (candidate.startsWith('+')) return 0.95;
  if (context.test(before)) return 0.85;
  return punctuated.test(candidate) ? 0.6 : 0;
}

/** The numbers of the first country that knows any. */
function findNumbers(candidate: string): ReturnType<typeof findPhoneNumbersInText> {
  if (candidate.startsWith('+')) return findPhoneNumbersInText(candidate);
  for (const region of regions) {
    const found = findPhoneNumbersInText(candidate, region);
    if (found.length > 0) return found;
  }
  return [];
}
