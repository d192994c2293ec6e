import { UserError } from '../../errors.ts';
import type { Dataset, Row } from '../dataset.ts';
import { count } from '../display.ts';
import { eachRow } from '../row-batches.ts';
import type { Turns } from '../turns.ts';

/** The part of each row: the earliest rows to the first part. Rows of the same time stay in one part. */
export async function dealByTime(
  source: Dataset,
  column: string,
  shares: readonly number[],
  turns?: Turns,
): Promise<Int8Array> {
  const times = new Float64Array(source.rowCount);
  const read = (row: Row, at: number) => {
    times[at] = timeOf(source, column, row[column], at);
  };
  await eachRow(source, [column], read, turns);
  const starts = startsOf(times.slice().sort(), shares);
  return Int8Array.from(times, (time) => starts.findLastIndex((start) => time >= start));
}

/** The time with which each part begins: one that has got its share ends when the next time begins. */
function startsOf(sorted: Float64Array, shares: readonly number[]): number[] {
  const starts = [Number.NEGATIVE_INFINITY];
  let end = shares[0]! * sorted.length;
  sorted.forEach((time, place) => {
    const isTied = place > 0 && sorted[place - 1] === time;
    while (!isTied && place >= end - 1e-9 && starts.length < shares.length) {
      end += shares[starts.length]! * sorted.length;
      starts.push(time);
    }
  });
  return starts;
}

/** Milliseconds, or the number itself where times are numbers. */
function timeOf(source: Dataset, column: string, value: unknown, row: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw noTime(source, column, value, row);
  return time;
}

function noTime({ name, rowCount }: Dataset, column: string, value: unknown, row: number): UserError {
  const what = value === null || value === undefined ? 'missing' : JSON.stringify(value);
  return new UserError(
    `"${column}" in row ${row + 1} of ${name} (${count(rowCount, 'row')}) is ${what}, which is no time. Times are numbers or ISO 8601 texts such as 2026-03-01T12:00:00Z.`,
    { offending: column },
  );
}
