import { sayDateOfYear, sayDates, sayMonths } from './dates.ts';
import { sayDays } from './days.ts';
import { sayEveryHours, sayEveryMinutes, sayHourly, sayWindow } from './intervals.ts';
import { type Phrases, say, type Voice } from './phrase.ts';
import type { Days, Schedule, Window } from './schedule.ts';
import { sayTime } from './times.ts';

/** A schedule in words, still without a sentence around it. */
export interface Wording {
  /** How often: days, dates or an interval. */
  readonly when: string;
  /** Time of day, without "at"; absent for intervals. */
  readonly time?: string;
}

const bothTimes: Phrases = {
  tuned: ['{a} and {b}', '{a} and again at {b}', '{a} & {b}', '{a}, {b}'],
  known: ['{a} as well as {b}', '{a} plus {b}', '{a} and then {b}', 'first {a} then {b}'],
  development: ['{a} and also {b}', '{a} + {b}'],
  novel: ['{a} and once more at {b}', 'both {a} and {b}', '{a} and also at {b}'],
};

/** Puts a schedule into words; undefined when the voice lacks a phrase for one of its parts. */
export function wordSchedule(schedule: Schedule, voice: Voice): Wording | undefined {
  switch (schedule.kind) {
    case 'daily':
      return wording(sayDays(schedule.days, voice), sayTime(schedule.time, voice));
    case 'twice': {
      const a = sayTime(schedule.time, voice);
      const b = sayTime({ hour: schedule.secondHour, minute: schedule.time.minute }, voice);
      return wording(sayDays(schedule.days, voice), say(bothTimes, { a, b }, voice));
    }
    case 'seasonal':
      return wording(inSeason(schedule.days, schedule.months, voice), sayTime(schedule.time, voice));
    case 'minutes':
      return interval(sayEveryMinutes(schedule.every, voice), schedule.window, schedule.days, voice);
    case 'hours':
      return interval(sayEveryHours(schedule.every, voice), undefined, schedule.days, voice);
    case 'hourly':
      return interval(sayHourly(schedule.minute, voice), schedule.window, schedule.days, voice);
    case 'monthly':
      return wording(sayDates(schedule.dates, voice), sayTime(schedule.time, voice));
    case 'yearly':
      return wording(sayDateOfYear(schedule.date, schedule.month, voice), sayTime(schedule.time, voice));
  }
}

function wording(when: string | undefined, time: string | undefined): Wording | undefined {
  return when && time ? { when, time } : undefined;
}

function inSeason(days: Days, months: readonly number[], voice: Voice): string | undefined {
  const [dayText, monthText] = [sayDays(days, voice), sayMonths(months, voice)];
  if (!dayText || !monthText) return undefined;
  return voice.random.chance(0.7) ? `${dayText} ${monthText}` : `${monthText} ${dayText}`;
}

function interval(
  every: string | undefined,
  window: Window | undefined,
  days: Days,
  voice: Voice,
): Wording | undefined {
  if (!every) return undefined;
  const parts = [window && sayWindow(window, voice), days && sayDays(days, voice)].filter((part) => part !== undefined);
  if (parts.length < Number(window !== undefined) + Number(days !== undefined)) return undefined;
  const ordered = voice.random.chance(0.4) ? parts.reverse() : parts;
  return { when: [every, ...ordered].join(voice.random.chance(0.15) ? ', ' : ' ') };
}
