import { type Days, isRun, otherDays, type Schedule, type Time } from './schedule.ts';
import { shortDays, shortMonths, twoDigits } from './words.ts';

/** Something to read out of a schedule, written in a form of its own. None of them is cron. */
export interface Task {
  /** What to ask for, in a few words each. */
  readonly names: readonly string[];
  /** How often it is asked for, relative to the others. */
  readonly weight: number;
  /** The answer; undefined where the schedule has none. */
  answer(schedule: Schedule): string | undefined;
}

/** What the base model is pre-trained on. */
export const tasks: readonly Task[] = [
  { names: ['fields', 'key=value fields', 'settings'], weight: 9, answer: fields },
  { names: ['plain words', 'a short sentence', 'plain text'], weight: 8, answer: plainSentence },
  { names: ['the time', '24 h time', 'clock time'], weight: 2, answer: clock },
  { names: ['am/pm time', '12 h time'], weight: 1, answer: halfDayClock },
  { names: ['the days', 'a list of days', 'active days'], weight: 2, answer: dayList },
  { names: ['days off', 'free days'], weight: 1, answer: daysOff },
  { names: ['the span of days', 'a day range'], weight: 1, answer: (schedule) => spanOfDays(daysOf(schedule)) },
  { names: ['the period', 'an iso duration'], weight: 1, answer: period },
  { names: ['the date', 'dates'], weight: 1, answer: dates },
  { names: ['the months', 'month numbers'], weight: 1, answer: monthNumbers },
  { names: ['the hours', 'an hour range'], weight: 1, answer: hours },
];

const monthDigits = Array.from({ length: 13 }, (_, month) => String(month));

/** `h=9 m=30 d=mon-fri` */
function fields(schedule: Schedule): string {
  const parts: string[] = [];
  if ('time' in schedule) {
    const second = schedule.kind === 'twice' ? `,${schedule.secondHour}` : '';
    parts.push(`h=${schedule.time.hour}${second}`, `m=${schedule.time.minute}`);
  }
  if (schedule.kind === 'minutes') parts.push(`m=/${schedule.every}`);
  if (schedule.kind === 'hours') parts.push(`h=/${schedule.every}`);
  if (schedule.kind === 'hourly') parts.push(`m=${schedule.minute}`);
  if ('window' in schedule && schedule.window) parts.push(`h=${schedule.window.from}-${schedule.window.to}`);
  if (schedule.kind === 'monthly') parts.push(`date=${schedule.dates.join(',')}`);
  if (schedule.kind === 'yearly') parts.push(`date=${schedule.date}`, `month=${schedule.month}`);
  if (schedule.kind === 'seasonal') parts.push(`month=${span(schedule.months, monthDigits)}`);
  const days = spanOfDays(daysOf(schedule));
  if (days !== undefined) parts.push(`d=${days}`);
  return parts.join(' ');
}

/** `every 15 min from 09:00 to 17:59 on mon, tue` */
function plainSentence(schedule: Schedule): string {
  const days = daysOf(schedule);
  const on = days ? ` on ${dayNamesOf(days)}` : '';
  const window = 'window' in schedule ? schedule.window : undefined;
  const between = window ? ` from ${twoDigits(window.from)}:00 to ${twoDigits(window.to)}:59` : '';
  switch (schedule.kind) {
    case 'daily':
      return `at ${clockTime(schedule.time)}${on}`;
    case 'twice':
      return `at ${clockTime(schedule.time)} and ${clockTime({ hour: schedule.secondHour, minute: schedule.time.minute })}${on}`;
    case 'seasonal':
      return `at ${clockTime(schedule.time)}${on} in ${schedule.months.map((month) => shortMonths[month - 1]).join(', ')}`;
    case 'minutes':
      return `every ${schedule.every} min${between}${on}`;
    case 'hours':
      return `every ${schedule.every} h${on}`;
    case 'hourly':
      return `at *:${twoDigits(schedule.minute)}${between}${on}`;
    case 'monthly':
      return `at ${clockTime(schedule.time)} on date ${schedule.dates.join(', ')}`;
    case 'yearly':
      return `at ${clockTime(schedule.time)} on date ${schedule.date} in ${shortMonths[schedule.month - 1]}`;
  }
}

function clock(schedule: Schedule): string | undefined {
  if (schedule.kind === 'hourly') return `*:${twoDigits(schedule.minute)}`;
  if (!('time' in schedule)) return undefined;
  const first = clockTime(schedule.time);
  return schedule.kind === 'twice' ? `${first}, ${clockTime({ ...schedule.time, hour: schedule.secondHour })}` : first;
}

function halfDayClock(schedule: Schedule): string | undefined {
  if (!('time' in schedule) || schedule.kind === 'twice') return undefined;
  const { hour, minute } = schedule.time;
  return `${hour % 12 || 12}:${twoDigits(minute)} ${hour < 12 ? 'am' : 'pm'}`;
}

function dayList(schedule: Schedule): string | undefined {
  if (!('days' in schedule)) return undefined;
  return schedule.days ? dayNamesOf(schedule.days) : 'any day';
}

function daysOff(schedule: Schedule): string | undefined {
  const days = daysOf(schedule);
  return days && span(otherDays(days), shortDays);
}

function period(schedule: Schedule): string | undefined {
  switch (schedule.kind) {
    case 'daily':
      return schedule.days === undefined ? 'p1d' : schedule.days.length === 1 ? 'p7d' : undefined;
    case 'minutes':
      return `pt${schedule.every}m`;
    case 'hours':
      return `pt${schedule.every}h`;
    case 'hourly':
      return 'pt1h';
    case 'monthly':
      return schedule.dates.length === 1 ? 'p1m' : undefined;
    case 'yearly':
      return 'p1y';
    default:
      return undefined;
  }
}

function dates(schedule: Schedule): string | undefined {
  if (schedule.kind === 'yearly') return `${twoDigits(schedule.date)}/${twoDigits(schedule.month)}`;
  return schedule.kind === 'monthly' ? schedule.dates.map((date) => `${twoDigits(date)}/*`).join(', ') : undefined;
}

function monthNumbers(schedule: Schedule): string | undefined {
  if (schedule.kind === 'yearly') return twoDigits(schedule.month);
  return schedule.kind === 'seasonal' ? schedule.months.map(twoDigits).join(',') : undefined;
}

function hours(schedule: Schedule): string | undefined {
  return 'window' in schedule && schedule.window ? `${schedule.window.from}-${schedule.window.to}` : undefined;
}

function daysOf(schedule: Schedule): Days {
  return 'days' in schedule ? schedule.days : undefined;
}

function spanOfDays(days: Days): string | undefined {
  return days && span(days, shortDays);
}

function span(numbers: readonly number[], names: readonly string[]): string {
  if (isRun(numbers)) return `${names[numbers[0]!]}-${names[numbers.at(-1)!]}`;
  return numbers.map((number) => names[number]).join(',');
}

function dayNamesOf(days: readonly number[]): string {
  return days.map((day) => shortDays[day]).join(', ');
}

function clockTime({ hour, minute }: Time): string {
  return `${twoDigits(hour)}:${twoDigits(minute)}`;
}
