/** The digits of a number that is written with spaces or dashes. */
export function digitsOf(text: string): number[] {
  return Array.from(text.replaceAll(/\D/g, ''), Number);
}

/** UK NHS numbers: 10 digits, weights 10 to 2, modulo 11. Source: NHS Data Dictionary, "NHS Number". */
export function isNhsNumber(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 10 || new Set(digits).size === 1) return false;
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && check % 11 === digits[9];
}

/** Australian business numbers: 11 digits, the first less one, modulo 89. Source: Australian Business Register. */
export function isAustralianBusinessNumber(text: string): boolean {
  const [first = 0, ...rest] = digitsOf(text);
  if (rest.length !== 10) return false;
  return weighted([first - 1, ...rest], [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 === 0;
}

/** Australian tax file numbers: 9 digits, modulo 11. Source: Australian Taxation Office. */
export function isAustralianTaxFileNumber(text: string): boolean {
  const digits = digitsOf(text);
  return digits.length === 9 && weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
}

/** DEA registration numbers: two letters and 7 digits, the last one a check. Source: US Drug Enforcement Administration. */
export function isDeaNumber(text: string): boolean {
  const digits = digitsOf(text.slice(2));
  return digits.length === 7 && weighted(digits, [1, 2, 1, 2, 1, 2]) % 10 === digits[6];
}

/** Singapore's NRIC and FIN: a letter, 7 digits, a check letter. Source: Immigration & Checkpoints Authority. */
export function isSingaporeIdentity(text: string): boolean {
  const prefix = text[0]!.toUpperCase();
  const offset = { S: 0, T: 4, F: 0, G: 4, M: 3 }[prefix];
  if (offset === undefined) return false;
  const remainder = (weighted(digitsOf(text), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
  const place = prefix === 'M' ? 10 - remainder : remainder;
  const letters = { S: 'JZIHGFEDCBA', T: 'JZIHGFEDCBA', F: 'XWUTRQPNMLK', G: 'XWUTRQPNMLK', M: 'XWUTRQPNJLK' }[prefix]!;
  return letters[place] === text.at(-1)!.toUpperCase();
}

/** US taxpayer numbers of people without a social security number: 9xx and a group that the IRS gives out. */
export function isTaxpayerNumber(text: string): boolean {
  const group = Number(text.replaceAll(/\D/g, '').slice(3, 5));
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 99 && group !== 93);
}

function weighted(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * (digits[i] ?? 0), 0);
}
