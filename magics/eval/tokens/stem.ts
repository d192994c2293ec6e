/**
 * The stem of a lower-case word by Porter's algorithm (1980) with NLTK's extensions (`nltk/stem/porter.py`, its default
 * mode, which rouge-score uses).
 */
export function stem(word: string): string {
  const irregular = irregularForms.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  const steps = [dropPlural, dropPast, yToI, doubleSuffix, longSuffix, finalSuffix, dropE, singleL];
  return steps.reduce((text, step) => step(text), word);
}

const irregularForms = new Map(
  Object.entries({
    sky: ['sky', 'skies'],
    die: ['dying'],
    lie: ['lying'],
    tie: ['tying'],
    news: ['news'],
    inning: ['innings', 'inning'],
    outing: ['outings', 'outing'],
    canning: ['cannings', 'canning'],
    howe: ['howe'],
    proceed: ['proceed'],
    exceed: ['exceed'],
    succeed: ['succeed'],
  }).flatMap(([root, forms]) => forms.map((form): [string, string] => [form, root])),
);

/** A suffix, what it becomes, and what must hold of the rest of the word. Without a condition it always applies. */
type Rule = readonly [suffix: string, replacement: string, condition?: (rest: string) => boolean];

/** Applies the first rule whose suffix the word has; where its condition fails, the word stays as it is. */
function applyFirst(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, condition] of rules) {
    if (!word.endsWith(suffix)) continue;
    const rest = word.slice(0, word.length - suffix.length);
    return condition === undefined || condition(rest) ? rest + replacement : word;
  }
  return word;
}

/** Step 1a. */
function dropPlural(word: string): string {
  if (word.endsWith('ies') && word.length === 4) return word.slice(0, -1);
  return applyFirst(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ]);
}

/** Step 1b. */
function dropPast(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((end) => word.endsWith(end) && hasVowel(word.slice(0, -end.length)));
  if (suffix === undefined) return word;
  const rest = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (endsInDoubleConsonant(rest)) return /[lsz]$/.test(rest) ? rest : rest.slice(0, -1);
  return measure(rest) === 1 && endsInShortSyllable(rest) ? `${rest}e` : rest;
}

/** Step 1c, after a consonant that is not the first letter. */
function yToI(word: string): string {
  return applyFirst(word, [['y', 'i', (rest) => rest.length > 1 && isConsonant(rest, rest.length - 1)]]);
}

/** Step 2. */
function doubleSuffix(word: string): string {
  if (word.endsWith('alli') && isLong(word.slice(0, -4))) return doubleSuffix(word.slice(0, -2));
  return applyFirst(word, doubleSuffixes);
}

const doubleSuffixes: readonly Rule[] = [
  ['ational', 'ate', isLong],
  ['tional', 'tion', isLong],
  ['enci', 'ence', isLong],
  ['anci', 'ance', isLong],
  ['izer', 'ize', isLong],
  ['bli', 'ble', isLong],
  ['alli', 'al', isLong],
  ['entli', 'ent', isLong],
  ['eli', 'e', isLong],
  ['ousli', 'ous', isLong],
  ['ization', 'ize', isLong],
  ['ation', 'ate', isLong],
  ['ator', 'ate', isLong],
  ['alism', 'al', isLong],
  ['iveness', 'ive', isLong],
  ['fulness', 'ful', isLong],
  ['ousness', 'ous', isLong],
  ['aliti', 'al', isLong],
  ['iviti', 'ive', isLong],
  ['biliti', 'ble', isLong],
  ['fulli', 'ful', isLong],
  ['logi', 'log', (rest) => isLong(`${rest}l`)],
];

/** Step 3. */
function longSuffix(word: string): string {
  return applyFirst(word, longSuffixes);
}

const longSuffixes: readonly Rule[] = [
  ['icate', 'ic', isLong],
  ['ative', '', isLong],
  ['alize', 'al', isLong],
  ['iciti', 'ic', isLong],
  ['ical', 'ic', isLong],
  ['ful', '', isLong],
  ['ness', '', isLong],
];

/** Step 4. */
function finalSuffix(word: string): string {
  return applyFirst(word, finalSuffixes);
}

const beforeIon = 'al ance ence er ic able ible ant ement ment ent'.split(' ');
const afterIon = 'ou ism ate iti ous ive ize'.split(' ');
const finalSuffixes: readonly Rule[] = [
  ...beforeIon.map((suffix): Rule => [suffix, '', isVeryLong]),
  ['ion', '', (rest) => isVeryLong(rest) && /[st]$/.test(rest)],
  ...afterIon.map((suffix): Rule => [suffix, '', isVeryLong]),
];

/** Step 5a. */
function dropE(word: string): string {
  if (!word.endsWith('e')) return word;
  const rest = word.slice(0, -1);
  const length = measure(rest);
  return length > 1 || (length === 1 && !endsInShortSyllable(rest)) ? rest : word;
}

/** Step 5b. */
function singleL(word: string): string {
  return word.endsWith('ll') && isVeryLong(word.slice(0, -1)) ? word.slice(0, -1) : word;
}

/** Porter's measure: how often a consonant follows a vowel. */
function measure(text: string): number {
  let count = 0;
  let wasVowel = false;
  for (let i = 0; i < text.length; i++) {
    const isVowel = isVowelAfter(text, i, wasVowel);
    if (wasVowel && !isVowel) count++;
    wasVowel = isVowel;
  }
  return count;
}

function isLong(text: string): boolean {
  return measure(text) > 0;
}

function isVeryLong(text: string): boolean {
  return measure(text) > 1;
}

function hasVowel(text: string): boolean {
  let wasVowel = false;
  for (let i = 0; i < text.length; i++) {
    wasVowel = isVowelAfter(text, i, wasVowel);
    if (wasVowel) return true;
  }
  return false;
}

function isConsonant(text: string, place: number): boolean {
  let wasVowel = false;
  for (let i = 0; i <= place; i++) wasVowel = isVowelAfter(text, i, wasVowel);
  return !wasVowel;
}

/** A y is a vowel after a consonant, and a consonant after a vowel or at the beginning. */
function isVowelAfter(text: string, place: number, wasVowel: boolean): boolean {
  const letter = text[place]!;
  return letter === 'y' ? place > 0 && !wasVowel : 'aeiou'.includes(letter);
}

function endsInDoubleConsonant(text: string): boolean {
  const last = text.length - 1;
  return last >= 1 && text[last] === text[last - 1] && isConsonant(text, last);
}

/** Consonant, vowel, consonant other than w, x and y; or vowel and consonant alone. */
function endsInShortSyllable(text: string): boolean {
  const last = text.length - 1;
  if (last === 1) return !isConsonant(text, 0) && isConsonant(text, 1);
  const isSyllable =
    last >= 2 && isConsonant(text, last - 2) && !isConsonant(text, last - 1) && isConsonant(text, last);
  return isSyllable && !/[wxy]$/.test(text);
}
