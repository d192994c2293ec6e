import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import { upperGamma } from '../statistics.ts';
import { columnValues, textOf } from '../text.ts';

/** Slices of a column, and labels, that are compared; more would be names rather than groups. */
const mostSlices = 50;
/** Rows that a slice needs before something is said of it. */
const minimumRows = 20;
/** Cramér's V from which on a column and the labels go together. */
const strong = 0.3;
const significance = 0.001;

/** How the labels depend on another column: a model may learn the column instead of the text. */
export interface LabelSlice {
  readonly column: string;
  readonly label: string;
  /** Effect size of the chi-squared test of independence, 0 to 1. */
  readonly cramersV: number;
  readonly pValue: number;
  /** The slice and the label whose shares differ most from those elsewhere. */
  readonly slice: string;
  readonly value: string;
  readonly share: number;
  readonly shareElsewhere: number;
  /** Rows of that slice with that label, counted from 0. */
  readonly rows: readonly number[];
}

/** Columns of few values with which the labels go together. */
export function findLabelSlices(dataset: Dataset, label: string, columns: readonly string[]): LabelSlice[] {
  const labels = columnValues(dataset, label).map(textOf);
  return columns
    .filter((column) => column !== label)
    .flatMap((column) => compare(column, label, columnValues(dataset, column).map(textOf), labels));
}

/** A finding for each. */
export function labelSliceFindings(slices: readonly LabelSlice[]): Finding[] {
  return slices.map(({ column, label, cramersV, slice, value, share, shareElsewhere, rows }) => ({
    weight: 42,
    text: `"${label}" goes with "${column}" (Cramér's V ${cramersV.toFixed(2)}): ${value} is ${percent(share, 1)} where ${column} is ${slice}, ${percent(shareElsewhere, 1)} elsewhere`,
    evidence: `${count(rows.length, 'row')}: evaluate with --slices ${column}`,
    rows,
  }));
}

function compare(column: string, label: string, slices: readonly string[], labels: readonly string[]): LabelSlice[] {
  const [bySlice, byLabel, both] = [
    counted(slices),
    counted(labels),
    counted(slices.map((s, i) => key(s, labels[i]!))),
  ];
  const smaller = Math.min(bySlice.size, byLabel.size);
  if (smaller < 2 || Math.max(bySlice.size, byLabel.size) > mostSlices) return [];
  const total = slices.length;
  let statistic = 0;
  let widest = { slice: '', value: '', share: 0, shareElsewhere: 0, gap: 0 };
  for (const [slice, inSlice] of bySlice) {
    for (const [value, ofValue] of byLabel) {
      const here = both.get(key(slice, value)) ?? 0;
      const expected = (inSlice * ofValue) / total;
      statistic += (here - expected) ** 2 / expected;
      const [share, shareElsewhere] = [here / inSlice, (ofValue - here) / Math.max(1, total - inSlice)];
      const gap = share - shareElsewhere;
      if (inSlice >= minimumRows && gap > widest.gap) widest = { slice, value, share, shareElsewhere, gap };
    }
  }
  const pValue = upperGamma(((bySlice.size - 1) * (byLabel.size - 1)) / 2, statistic / 2);
  const cramersV = Math.sqrt(statistic / (total * (smaller - 1)));
  if (widest.gap === 0 || cramersV < strong || pValue > significance) return [];
  const { gap: _, ...told } = widest;
  const rows = [...slices.keys()].filter((row) => slices[row] === told.slice && labels[row] === told.value);
  return [{ column, label, cramersV, pValue, ...told, rows }];
}

function key(slice: string, label: string): string {
  return `${slice}\u001f${label}`;
}

function counted(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
