import type { Random } from './random.ts';

export const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export const shortDays = dayNames.map((name) => name.slice(0, 3));
export const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;
export const shortMonths = monthNames.map((name) => name.slice(0, 3));

const ones =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty'];
const ordinals = 'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');

/** 0..59 in words: 35 -> `thirty-five`. */
export function numberWord(n: number): string {
  if (n < 20) return ones[n]!;
  return n % 10 === 0 ? tens[n / 10]! : `${tens[Math.floor(n / 10)]}-${ones[n % 10]}`;
}

/** 22 -> `22nd`. */
export function ordinal(n: number): string {
  const isTeen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

/** 3 -> `third`; from 13 on in digits, as people write. */
export function ordinalWord(n: number): string {
  return ordinals[n] ?? ordinal(n);
}

/** 7 -> `07`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** `a, b and c`, sometimes `a and b and c` or `a, b, c`. */
export function joinList(items: readonly string[], random: Random): string {
  if (items.length < 2) return items.join('');
  if (random.chance(0.6)) return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
  return items.join(random.chance(0.5) ? ' and ' : ', ');
}
