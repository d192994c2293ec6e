import type { Figure } from './record-parts.ts';

/** `0.931 [0.912, 0.948]`; a figure that could not be determined says so. */
export function formatFigure({ value, low, high }: Figure): string {
  if (value === null) return 'not determined';
  return low === undefined || high === undefined
    ? formatNumber(value)
    : `${formatNumber(value)} [${formatNumber(low)}, ${formatNumber(high)}]`;
}

/** Four significant digits; whole numbers as they are. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
