import type { Random } from './random.ts';
import { dayNames, monthNames } from './words.ts';

const properNames = new RegExp(`\\b(${[...dayNames, ...monthNames].join('|')})`, 'g');

/** Writes a lower-case sentence as people do: a typo now and then, capitals, a final mark. */
export function roughen(text: string, random: Random): string {
  const typed = random.chance(0.1) ? misspell(text, random) : text;
  return punctuate(capitalize(typed, random), random);
}

function misspell(text: string, random: Random): string {
  const words = text.split(' ');
  const long = words.flatMap((word, index) => (/^[a-z]{5,}$/.test(word) ? [index] : []));
  if (long.length === 0) return text;
  const index = random.pick(long);
  const word = words[index]!;
  const at = random.integer(1, word.length - 2);
  const [head, letter, next, tail] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)];
  words[index] = head + random.pick([next, next + letter, letter + letter + next]) + tail;
  return words.join(' ');
}

function capitalize(text: string, random: Random): string {
  const draw = random.next();
  if (draw < 0.25) return text[0]!.toUpperCase() + text.slice(1);
  if (draw < 0.3) return text.toUpperCase();
  if (draw < 0.4) return text.replace(properNames, (name) => name[0]!.toUpperCase() + name.slice(1));
  return text;
}

function punctuate(text: string, random: Random): string {
  return random.chance(0.12) && /[a-z0-9]$/i.test(text) ? text + random.pick(['.', '!', '.']) : text;
}
