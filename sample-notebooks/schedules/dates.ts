import { type Phrases, say, type Voice } from './phrase.ts';
import { isRun } from './schedule.ts';
import { joinList, monthNames, ordinal, ordinalWord, shortMonths } from './words.ts';

const everyMonth: Phrases = {
  tuned: [
    'on the {ordinals} of every month',
    'on the {ordinals} of each month',
    'monthly on the {ordinals}',
    'every month on day {digits}',
    '{first}on the first day of every month',
    'on the {ordinals} of the month',
    'on day {digits} of the month',
    '{ordinals} of each month',
    'once monthly on the {ordinals}',
    'each month, on the {ordinals} day',
  ],
  known: [
    'the {ordinals} of any month',
    'on each {ordinals} of the month',
    '{one}on every {ordinals}',
    'every month, day {digits}',
    'on date {digits} every month',
    'monthly, day {digits}',
    '{one}every {ordinals} of the month',
    '{one}one time a month on the {ordinals}',
    '{first}at the start of the month',
    '{first}on the first of the month',
    '{first}at the beginning of each month',
  ],
  development: ['on day {digits} of each month', 'every month, the {ordinals}', 'on the {ordinals} day of a month'],
  novel: [
    'each month on the {ordinals}',
    '{one}once a month on the {ordinals}',
    '{one}every month on the {ordinals} day',
    'on the {ordinals}, monthly',
  ],
};

const everyYear: Phrases = {
  tuned: [
    'every year on {date} {month}',
    'every {month} {ordinal}',
    'yearly on the {ordinal} of {month}',
    'annually on {month} {date}',
    'each year on {date} {mon}',
    'on {month} {ordinal} each year',
    'on the {ordinal} of {month}',
  ],
  known: [
    'on {date} {month} of every year',
    'every {ordinal} of {mon}',
    'each {month} {date}',
    'on {mon} {date} every year',
    'year after year on {date} {month}',
    'yearly, {mon} {ordinal}',
    '{date} {month}, once per year',
    'one time a year on {month} {ordinal}',
  ],
  development: ['each year, {date} {month}', 'annually on the {ordinal} of {month}', 'yearly on {mon} {date}'],
  novel: [
    'once a year on {ordinal} {month}',
    'each year on the {ordinal} of {month}',
    'every year on {mon} {ordinal}',
    'on {month} {date}, annually',
  ],
};

const fewMonths: Phrases = {
  tuned: ['in {list}', 'only in {short list}', 'in the month of {list}', 'every {list}', 'just in {list}'],
  known: [
    'each {list}',
    'only {list}',
    'throughout {list}',
    'for all of {list}',
    'months: {short list}',
    'through {list}',
    '({short list})',
  ],
  development: ['in {list} only', 'all through {list}', 'in months {short list}'],
  novel: ['during {list}', 'in {short list}', 'only during {list}'],
};

const monthRange: Phrases = {
  tuned: [
    'from {first} to {last}',
    'between {first} and {last}',
    '{fst}-{lst}',
    'from {first} until {last}',
    '{first} to {last}',
  ],
  known: [
    'only from {fst} to {lst}',
    'in the months {first} through {last}',
    'starting in {first} and ending in {last}',
    'in {fst}-{lst}',
    'from {first} up to {last}',
    'all months from {fst} until {lst}',
    'within {first} and {last}',
  ],
  development: ['{first} until {last}', 'from {first} till {last}', 'months {fst} to {lst}'],
  novel: ['{fst} through {lst}', 'from {first} through {last}', 'between {fst} and {lst}'],
};

/** `on the 1st and 15th of every month`; undefined when the voice has no phrase that fits. */
export function sayDates(dates: readonly number[], voice: Voice): string | undefined {
  const { random } = voice;
  const spoken = (date: number) => (random.chance(0.35) ? ordinalWord(date) : ordinal(date));
  const slots = {
    ordinals: () => joinList(dates.map(spoken), random),
    digits: () => joinList(dates.map(String), random),
    one: dates.length === 1 ? () => '' : undefined,
    first: dates.length === 1 && dates[0] === 1 ? () => '' : undefined,
  };
  return say(everyMonth, slots, voice);
}

/** `every december 24th`; undefined when the voice has no phrase that fits. */
export function sayDateOfYear(date: number, month: number, voice: Voice): string | undefined {
  const slots = {
    date: String(date),
    ordinal: ordinal(date),
    month: monthNames[month - 1],
    mon: shortMonths[month - 1],
  };
  return say(everyYear, slots, voice);
}

/** `from june to august`; undefined when the voice has no phrase that fits. */
export function sayMonths(months: readonly number[], voice: Voice): string | undefined {
  const full = months.map((month) => monthNames[month - 1]!);
  const short = months.map((month) => shortMonths[month - 1]!);
  const slots = {
    list: () => joinList(full, voice.random),
    'short list': () => joinList(short, voice.random),
    first: full[0],
    last: full.at(-1),
    fst: short[0],
    lst: short.at(-1),
  };
  return say(isRun(months) ? monthRange : fewMonths, slots, voice);
}
