import validator from 'validator';
import type { Recognizer } from './entity.ts';
import { entity } from './pattern-recognizer.ts';

const candidates = /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]{1,4}){3,8}/g;

/** International bank account numbers (ISO 13616): country's length and modulo 97. Words that follow in capitals are left out. */
export const ibanRecognizer: Recognizer = {
  kind: 'IBAN_CODE',
  *find(text) {
    for (const match of text.matchAll(candidates)) {
      const iban = longestIban(match[0]);
      if (iban !== undefined) yield entity('IBAN_CODE', match.index, iban, 1);
    }
  },
};

function longestIban(candidate: string): string | undefined {
  for (let end = candidate.length; end >= 15; end--) {
    const part = candidate.slice(0, end);
    if (/[A-Z\d]$/.test(part) && validator.isIBAN(part)) return part;
  }
  return undefined;
}
