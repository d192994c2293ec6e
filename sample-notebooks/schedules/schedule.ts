import type { Random } from './random.ts';

export interface Time {
  /** 0..23 */
  hour: number;
  minute: number;
}
/** First and last hour in which something may happen, both included. */
export interface Window {
  from: number;
  to: number;
}
/** Days of the week, ascending, 0 is Sunday; undefined means every day. */
export type Days = readonly number[] | undefined;

/** What a phrase means. Interval kinds with `days: undefined` say nothing about days. */
export type Schedule =
  | { kind: 'daily'; time: Time; days: Days }
  | { kind: 'twice'; time: Time; secondHour: number; days: Days }
  | { kind: 'seasonal'; time: Time; days: Days; months: readonly number[] }
  | { kind: 'minutes'; every: number; window?: Window; days: Days }
  | { kind: 'hours'; every: number; days: Days }
  | { kind: 'hourly'; minute: number; window?: Window; days: Days }
  | { kind: 'monthly'; time: Time; dates: readonly number[] }
  | { kind: 'yearly'; time: Time; date: number; month: number };

export const weekdays: readonly number[] = [1, 2, 3, 4, 5];
export const weekend: readonly number[] = [0, 6];

/** How often each kind is drawn; windows and months are drawn more often than people use them, because they are harder. */
const shares: readonly [Schedule['kind'], number][] = [
  ['daily', 0.38],
  ['twice', 0.08],
  ['seasonal', 0.1],
  ['minutes', 0.13],
  ['hours', 0.06],
  ['hourly', 0.09],
  ['monthly', 0.1],
  ['yearly', 0.06],
];

/** Draws a schedule; common ones (full hours, weekdays) come more often. */
export function randomSchedule(random: Random): Schedule {
  const kind = drawKind(random);
  switch (kind) {
    case 'daily':
      return { kind, time: randomTime(random), days: randomDays(random) };
    case 'twice': {
      const hour = random.integer(0, 21);
      const time = { hour, minute: randomMinute(random) };
      return { kind, time, secondHour: random.integer(hour + 1, 23), days: randomDays(random) };
    }
    case 'seasonal':
      return { kind, time: randomTime(random), days: randomDays(random), months: randomMonths(random) };
    case 'minutes':
      return { kind, every: random.pick([2, 3, 4, 5, 6, 10, 12, 15, 20, 30]), ...randomLimits(random) };
    case 'hours':
      return {
        kind,
        every: random.pick([2, 3, 4, 6, 8, 12]),
        days: random.chance(0.4) ? randomDays(random) : undefined,
      };
    case 'hourly':
      return { kind, minute: randomMinute(random), ...randomLimits(random) };
    case 'monthly':
      return { kind, time: randomTime(random), dates: randomDates(random) };
    case 'yearly':
      return { kind, time: randomTime(random), date: random.integer(1, 28), month: random.integer(1, 12) };
  }
}

/** The cron expression, in the plainest form: ranges for three or more neighbours, lists otherwise. */
export function toCron(schedule: Schedule): string {
  const days = 'days' in schedule && schedule.days ? rangeOrList(schedule.days) : '*';
  switch (schedule.kind) {
    case 'daily':
      return `${schedule.time.minute} ${schedule.time.hour} * * ${days}`;
    case 'twice':
      return `${schedule.time.minute} ${schedule.time.hour},${schedule.secondHour} * * ${days}`;
    case 'seasonal':
      return `${schedule.time.minute} ${schedule.time.hour} * ${rangeOrList(schedule.months)} ${days}`;
    case 'minutes':
      return `*/${schedule.every} ${windowField(schedule.window)} * * ${days}`;
    case 'hours':
      return `0 */${schedule.every} * * ${days}`;
    case 'hourly':
      return `${schedule.minute} ${windowField(schedule.window)} * * ${days}`;
    case 'monthly':
      return `${schedule.time.minute} ${schedule.time.hour} ${schedule.dates.join(',')} * *`;
    case 'yearly':
      return `${schedule.time.minute} ${schedule.time.hour} ${schedule.date} ${schedule.month} *`;
  }
}

/** Three or more numbers without a gap. */
export function isRun(numbers: readonly number[]): boolean {
  return numbers.length >= 3 && numbers.at(-1)! - numbers[0]! === numbers.length - 1;
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** The days of the week that are not in `days`. */
export function otherDays(days: readonly number[]): number[] {
  return [0, 1, 2, 3, 4, 5, 6].filter((day) => !days.includes(day));
}

function rangeOrList(numbers: readonly number[]): string {
  return isRun(numbers) ? `${numbers[0]}-${numbers.at(-1)}` : numbers.join(',');
}

function windowField(window: Window | undefined): string {
  return window === undefined ? '*' : `${window.from}-${window.to}`;
}

function drawKind(random: Random): Schedule['kind'] {
  let left = random.next();
  for (const [kind, share] of shares) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'daily';
}

function randomMinute(random: Random): number {
  return random.pick([0, 0, 0, 30, 30, 15, 45, 5, 10, 20, 25, 40, 50, 55, random.integer(0, 59)]);
}

function randomTime(random: Random): Time {
  return { hour: random.integer(0, 23), minute: randomMinute(random) };
}

function randomDays(random: Random): Days {
  const draw = random.next();
  if (draw < 0.2) return undefined;
  if (draw < 0.38) return weekdays;
  if (draw < 0.46) return weekend;
  if (draw < 0.67) return [random.integer(0, 6)];
  if (draw < 0.82) return random.shuffle([0, 1, 2, 3, 4, 5, 6]).slice(0, random.integer(2, 3)).sort(ascending);
  if (draw < 0.92) {
    const first = random.integer(1, 3);
    return span(first, random.integer(first + 2, 6));
  }
  return otherDays([random.integer(0, 6)]);
}

function randomMonths(random: Random): number[] {
  if (random.chance(0.45)) return [random.integer(1, 12)];
  const first = random.integer(1, 9);
  if (random.chance(0.35)) return [first, random.integer(first + 1, 12)];
  return span(first, Math.min(12, first + random.integer(2, 5)));
}

function randomDates(random: Random): number[] {
  if (random.chance(0.15)) return [1];
  const first = random.integer(1, 28);
  return random.chance(0.75) || first > 26 ? [first] : [first, random.integer(first + 1, 28)];
}

function randomLimits(random: Random): { window?: Window; days: Days } {
  const from = random.integer(5, 12);
  const window = { from, to: random.integer(from + 2, Math.min(23, from + 11)) };
  const days = random.chance(0.4) ? randomDays(random) : undefined;
  return random.chance(0.45) ? { window, days } : { days };
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function ascending(a: number, b: number): number {
  return a - b;
}
