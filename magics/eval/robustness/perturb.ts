import { type RandomStream, randomStream } from '../../engine/random.ts';

/** Ways in which people write the same thing otherwise. */
export const perturbations = ['typos', 'case', 'whitespace', 'paraphrase'] as const;
export type Perturbation = (typeof perturbations)[number];

/** The text as someone else might have written it; the same for the same seed and place. Letters of any script. */
export function perturb(text: string, kind: Perturbation, seed: number, place: number): string {
  return perturbers[kind](text, randomStream('perturb', kind, seed, place));
}

const perturbers: Readonly<Record<Perturbation, (text: string, random: RandomStream) => string>> = {
  typos: addTypos,
  case: (text, random) => pick([text.toUpperCase(), text.toLowerCase(), titleCase(text)], random),
  whitespace: addSpaces,
  paraphrase: rephrase,
};

/** One typing mistake in every fifth word of four letters or more, at least one where there is such a word. */
function addTypos(text: string, random: RandomStream): string {
  const words = text.match(/[\p{L}\p{M}]{4,}/gu)?.length ?? 0;
  const chosen = new Set([Math.floor(random.uniform() * words)]);
  for (let i = 0; i < words; i++) if (random.uniform() < 0.2) chosen.add(i);
  let place = 0;
  return text.replace(/[\p{L}\p{M}]{4,}/gu, (word) => (chosen.has(place++) ? mistype(word, random) : word));
}

/** Swaps, drops or doubles a letter that is not the first. */
function mistype(word: string, random: RandomStream): string {
  const letters = [...word];
  const i = 1 + Math.floor(random.uniform() * (letters.length - 2));
  const action = Math.floor(random.uniform() * 3);
  if (action === 0 && letters[i] !== letters[i + 1]) [letters[i], letters[i + 1]] = [letters[i + 1]!, letters[i]!];
  else letters.splice(i, 1, ...(action === 2 ? [letters[i]!, letters[i]!] : []));
  return letters.join('');
}

function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => word[0]!.toUpperCase() + word.slice(1).toLowerCase());
}

/** Doubles some blanks and adds some around the text. */
function addSpaces(text: string, random: RandomStream): string {
  const inner = text.replace(/ /g, () => (random.uniform() < 0.3 ? pick(['  ', '\t', '   '], random) : ' '));
  return pick([' ', '  ', ''], random) + inner + pick([' ', '\n', '  \n'], random);
}

/** Expands contractions, or says the text within a phrase that changes nothing. */
function rephrase(text: string, random: RandomStream): string {
  const expanded = contractions.reduce((now, [short, long]) => now.replace(short, long), text);
  return pick(frames, random)(expanded);
}

const contractions: readonly (readonly [RegExp, string])[] = [
  [/\b(do|does|did|is|are|was|were|would|could|should|have|has|had)n['’]t\b/gi, '$1 not'],
  [/\bcan['’]t\b/gi, 'cannot'],
  [/\bwon['’]t\b/gi, 'will not'],
  [/\b(I)['’]m\b/g, '$1 am'],
  [/\b(you|we|they)['’]re\b/gi, '$1 are'],
  [/\b(it|that|what|where|there)['’]s\b/gi, '$1 is'],
];

const frames: readonly ((text: string) => string)[] = [
  (text) => `Please: ${text}`,
  (text) => `${text} Thanks!`,
  (text) => `Hello, ${text}`,
  (text) => `Here is my request: ${text}`,
  (text) => `I mean the following: ${text}`,
];

function pick<T>(items: readonly T[], random: RandomStream): T {
  return items[Math.floor(random.uniform() * items.length)]!;
}
