/** Kinds of toxic wording that the list knows. */
export type ToxicKind = 'insult' | 'profanity' | 'threat' | 'slur';

/**
 * English expressions of each kind, as regular expressions between word boundaries. A list finds words and not what is meant
 * by them: it also finds them quoted and reclaimed, and misses contempt in polite words.
 */
const terms: Readonly<Record<ToxicKind, readonly string[]>> = {
  insult: [
    'idiots?',
    'morons?',
    'imbeciles?',
    'dumb ?ass(?:es)?',
    'dimwits?',
    'halfwits?',
    'scumbags?',
    'losers?',
    'pieces? of (?:shit|garbage|trash|crap)',
    "you(?: are|’re|'re) (?:so )?(?:stupid|dumb|pathetic|worthless|disgusting|ugly|trash)",
    'shut (?:the (?:hell|fuck) )?up',
    'screw you',
    'go to hell',
  ],
  profanity: [
    'f[u*@]+c?k(?:s|ed|er|ers|ing|in)?',
    'mother ?f[u*]+c?k(?:er|ers|ing)',
    'bull ?sh[i*]t',
    'sh[i*]t(?:s|ty|head)?',
    'ass ?holes?',
    'b[i*]tch(?:es|y)?',
    'bastards?',
    'c[u*]nts?',
    'dick ?heads?',
    'wankers?',
    'pricks?',
  ],
  threat: [
    'kill (?:yourself|urself|you|your family)',
    'kys',
    "(?:i|we)(?: will|’ll|'ll| am going to|’m gonna|'m gonna) (?:hurt|beat|kill|shoot|stab|find) (?:you|her|him|them)",
    'you (?:should|deserve to|will) (?:die|be shot|be hanged|suffer)',
    'hope you die',
    'burn in hell',
  ],
  slur: [
    'n[i1]gg(?:er|a)s?',
    'f[a4]gg?[o0]ts?',
    'k[i1]kes?',
    'sp[i1]cs?',
    'ch[i1]nks?',
    'wetbacks?',
    'raghead?s?',
    'towel ?heads?',
    'tr[a4]nn(?:y|ies)',
    'retard(?:s|ed)?',
    '(?:all|those|these) (?:women|men|jews|muslims|christians|immigrants|foreigners|gays|blacks|whites) (?:are|should)(?: all)? (?:animals|vermin|trash|criminals|die|be deported|inferior|parasites)',
  ],
};

const expressions = Object.entries(terms).map(
  ([kind, list]) =>
    [kind as ToxicKind, new RegExp(`(?<![\\p{L}\\p{N}])(?:${list.join('|')})(?![\\p{L}\\p{N}])`, 'iu')] as const,
);

/** Kinds of toxic wording in a text, by the list. */
export function findToxicKinds(text: string): ToxicKind[] {
  return expressions.filter(([, expression]) => expression.test(text)).map(([kind]) => kind);
}
