import { UserError } from '../../errors.ts';
import { canonicalJson } from '../canonical.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { checkColumn } from '../options.ts';
import { columnKeys } from '../row-batches.ts';
import type { Turns } from '../turns.ts';
import { type Likeness, linkAlike } from './alike.ts';
import { assignRows } from './assign.ts';
import { type Components, createComponents } from './components.ts';
import { dealByTime } from './deal-by-time.ts';

/** How rows are dealt to parts; it decides the parts alone, so that a recipe can be run again. */
export interface Deal {
  /** Share of each part, in their order; they add up to 1. */
  readonly shares: readonly number[];
  readonly seed: number;
  /** Column whose equal values stay in one part. */
  readonly by?: string;
  /** Column whose values are spread over the parts in proportion. */
  readonly stratify?: string;
  /** Column of times: earlier rows to earlier parts. */
  readonly time?: string;
  /** Which texts may not stand in two parts; rows fall where they may when absent. */
  readonly together?: Likeness;
}

/** A row that was dealt to one part and went to another, where its like is. Rows count from 0. */
export interface Move {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** A row of the same group or with a like text that was there before. */
  readonly like: number;
}

/** The part of each row, and the rows that were moved so that no text and no group stands in two parts. Rows on disk are gone through, not read whole. */
export async function dealRows(
  source: Dataset,
  deal: Deal,
  turns?: Turns,
): Promise<{ parts: Int8Array; moves: Move[] }> {
  const { shares, seed, by, stratify, time, together } = deal;
  if (time !== undefined && (by ?? stratify) !== undefined) throw timeStandsAlone(by === undefined ? 'stratify' : 'by');
  const groups = by === undefined ? undefined : await groupsOf(source, by, turns);
  const strata = stratify === undefined ? undefined : await keysOf(source, stratify, turns);
  const parts =
    time === undefined
      ? assignRows(source.rowCount, { shares, seed, groups, strata })
      : await dealByTime(source, checkColumn(source, time), shares, turns);
  if (together === undefined) return { parts, moves: [] };
  const components = createComponents(source.rowCount);
  await linkAlike(source, together, components, turns);
  if (groups !== undefined) linkGroups(groups, components);
  // In time, a text belongs to where it was first seen; else to where most of its like are.
  return { parts, moves: moveTogether(parts, shares.length, components, time !== undefined) };
}

/** Moves the rows of components that lie in several parts, in place. */
function moveTogether(parts: Int8Array, partCount: number, components: Components, toEarliest: boolean): Move[] {
  const rowsIn = new Int32Array(parts.length * partCount);
  parts.forEach((part, row) => {
    rowsIn[components.of(row) * partCount + part]!++;
  });
  const targetOf = (component: number) => {
    const counts = rowsIn.subarray(component * partCount, (component + 1) * partCount);
    return toEarliest ? counts.findIndex((n) => n > 0) : counts.indexOf(Math.max(...counts));
  };
  const targets = new Int8Array(parts.length);
  const likes = new Int32Array(parts.length).fill(-1);
  parts.forEach((part, row) => {
    const component = components.of(row);
    // The first row of a component gives it its number, and comes first.
    if (component === row) targets[component] = targetOf(component);
    if (targets[component] === part && likes[component] === -1) likes[component] = row;
  });
  const moves: Move[] = [];
  parts.forEach((from, row) => {
    const component = components.of(row);
    const to = targets[component]!;
    if (to === from) return;
    parts[row] = to;
    moves.push({ row, from, to, like: likes[component]! });
  });
  return moves;
}

function linkGroups(groups: readonly string[], components: Components): void {
  const first = new Map<string, number>();
  groups.forEach((group, row) => {
    const of = first.get(group);
    if (of === undefined) first.set(group, row);
    else components.link(of, row);
  });
}

function keysOf(source: Dataset, column: string, turns?: Turns): Promise<string[]> {
  return columnKeys(source, checkColumn(source, column), canonicalJson, turns);
}

/** Rows whose value is missing belong to no group: each is one of its own. */
async function groupsOf(source: Dataset, column: string, turns?: Turns): Promise<string[]> {
  return (await keysOf(source, column, turns)).map((key, row) => (key === 'null' ? `row ${row}` : key));
}

function timeStandsAlone(option: string): UserError {
  return new UserError(`--time deals rows by their time alone: leave --${option} out, or split by it without --time.`, {
    offending: `--${option}`,
  });
}

/** Says how a deal was made: `no value of "customer" in two parts; 12 rows moved to where their like is`. */
export function describeDeal({ seed, by, stratify, time, together }: Deal, moves: readonly Move[]): string[] {
  const alike = together === 'exact' ? 'no text' : `no text at least ${together} alike`;
  return [
    ...(time === undefined ? [] : [`by "${time}", the newest to the last part`]),
    ...(by === undefined ? [] : [`no value of "${by}" in two parts`]),
    ...(stratify === undefined ? [] : [`spread by "${stratify}"`]),
    ...(moves.length === 0 ? [] : [`${alike} in two parts: ${count(moves.length, 'row')} moved`]),
    ...(time === undefined ? [`seed ${seed}`] : []),
  ];
}
