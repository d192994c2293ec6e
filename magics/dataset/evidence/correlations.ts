import type { Dataset } from '../dataset.ts';
import type { Finding } from '../finding.ts';
import { columnValues } from '../text.ts';

/** Columns of numbers that are compared, and rows that a coefficient needs. */
const mostColumns = 30;
const minimumRows = 30;
/** From here on, two columns say nearly the same. */
const strong = 0.95;

/** How two columns of numbers go together. */
export interface Correlation {
  readonly columns: readonly [string, string];
  /** Pearson's coefficient over the rows in which both are present, -1 to 1. */
  readonly pearson: number;
  readonly rows: number;
}

/** All pairs of columns of numbers, the strongest first; pairs with too few rows, or of which one never changes, are left out. */
export function findCorrelations(dataset: Dataset, names: readonly string[]): Correlation[] {
  const columns = names.slice(0, mostColumns).map((name) => ({ name, values: columnValues(dataset, name) }));
  const pairs = columns.flatMap((a, i) => columns.slice(i + 1).map((b) => [a, b] as const));
  const found = pairs.flatMap(([a, b]): Correlation[] => {
    const result = pearson(a.values, b.values);
    return result === null ? [] : [{ columns: [a.name, b.name], ...result }];
  });
  return found.sort((a, b) => Math.abs(b.pearson) - Math.abs(a.pearson));
}

/** Pearson's correlation of two columns over the rows in which both hold numbers; null of fewer than 30, or where one is constant. */
export function pearson(a: readonly unknown[], b: readonly unknown[]): { pearson: number; rows: number } | null {
  let [rows, meanA, meanB, squaresA, squaresB, products] = [0, 0, 0, 0, 0, 0];
  for (const [row, x] of a.entries()) {
    const y = b[row];
    if (typeof x !== 'number' || typeof y !== 'number') continue;
    // Welford's update: sums of squares of large numbers would lose their digits.
    rows++;
    const [fromA, fromB] = [x - meanA, y - meanB];
    meanA += fromA / rows;
    meanB += fromB / rows;
    squaresA += fromA * (x - meanA);
    squaresB += fromB * (y - meanB);
    products += fromA * (y - meanB);
  }
  if (rows < minimumRows || squaresA === 0 || squaresB === 0) return null;
  return { pearson: products / Math.sqrt(squaresA * squaresB), rows };
}

/** A finding for each pair that says nearly the same twice. */
export function correlationFindings(correlations: readonly Correlation[]): Finding[] {
  return correlations
    .filter(({ pearson }) => Math.abs(pearson) >= strong)
    .map(({ columns: [a, b], pearson, rows }) => ({
      weight: 22,
      text: `"${a}" and "${b}" say nearly the same: their correlation is ${pearson.toFixed(3)} over ${rows.toLocaleString('en-US')} rows`,
    }));
}
