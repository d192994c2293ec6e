import type { Recognizer } from './entity.ts';
import { entity } from './pattern-recognizer.ts';

const word = String.raw`\p{Lu}(?:[’']\p{Lu})?\p{Ll}+(?:-\p{Lu}\p{Ll}+)?`;
const link = String.raw`(?: \p{Lu}\.)?(?: (?:van|de|der|von|da|del|bin|al)){0,2}`;
const anyName = `${word}(?:${link} ${word}){0,2}`;
const fullName = `${word}(?:${link} ${word}){1,2}`;

/** Where a name must be: after a title, an introduction, a greeting, or at the end of a letter. */
const places: readonly { pattern: RegExp; score: number }[] = [
  place(String.raw`\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sra?|Mme)\.? `, anyName, 0.85),
  place(String.raw`\b[Mm]y name is `, anyName, 0.95),
  place(
    String.raw`\b(?:[Aa]ttn:?|[Nn]ame:|[Cc]ustomer:|[Pp]atient:|[Cc]ardholder:|[Ss]igned by|[Ss]poke (?:to|with)) `,
    anyName,
    0.7,
  ),
  place(
    String.raw`\b(?:[Tt]his is|I am|I'm|[Aa]sk|[Mm]y (?:husband|wife|son|daughter|colleague|manager|friend)) `,
    fullName,
    0.7,
  ),
  place(String.raw`(?:^|\n|[.!?] )(?:Hi|Hello|Hey) |\bDear `, anyName, 0.6),
  place(String.raw`\b(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Tt]hanks|[Bb]est wishes),?\n\s*`, anyName, 0.7),
];

function place(before: string, name: string, score: number): { pattern: RegExp; score: number } {
  return { pattern: new RegExp(`(?:${before})(?<name>${name})`, 'gu'), score };
}

/** Capitalised words that stand in those places and name nobody. */
const nobody = new Set(
  'I World The A An My Your Our All Team Support Customer Sir Madam Everyone Folks There Service Hiring Manager Friend Friends Please Thanks Thank Sorry Happy English American British German French Spanish Italian Indian Chinese Android Windows Linux Apple Google Microsoft Amazon Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December'.split(
    ' ',
  ),
);

/** Names of people where the words around say so. Names that stand in no such place are not found: that takes a model. */
export const personRecognizer: Recognizer = {
  kind: 'PERSON',
  *find(text) {
    for (const { pattern, score } of places) {
      if (text.search(pattern) < 0) continue;
      for (const match of text.matchAll(pattern)) {
        const name = match.groups!.name!;
        if (name.split(/[ -]/).some((part) => nobody.has(part))) continue;
        yield entity('PERSON', match.index + match[0].length - name.length, name, score);
      }
    }
  },
};
