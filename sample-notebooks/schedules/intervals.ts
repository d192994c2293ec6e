import { type Phrases, say, type Voice } from './phrase.ts';
import type { Window } from './schedule.ts';
import { numberWord, ordinal, ordinalWord, twoDigits } from './words.ts';

const everyMinutes: Phrases = {
  tuned: [
    'every {n} minutes',
    'every {digits} mins',
    'once every {n} minutes',
    '{quarter}every quarter of an hour',
    '{half}every half hour',
    '{half}every half an hour',
    '{quarter}four times an hour',
    'each {digits} min',
    'at {digits} minute intervals',
    'every {digits}m',
    'once in {n} minutes',
  ],
  known: [
    '{half}twice an hour',
    '{half}each half hour',
    '{quarter}every quarter hour',
    '{quarter}each quarter of an hour',
    'with {n} minutes in between',
    '{n} minutes apart',
    'every {digits}min',
    'once each {n} minutes',
    'repeat every {n} minutes',
    'every {digits}-minute interval',
    'each {n} mins',
    'on a {n} minute cycle',
  ],
  development: ['at intervals of {n} minutes', 'every {digits} minute period', 'one time every {n} minutes'],
  novel: ['each {n} minutes', 'once per {n} minutes', 'in {digits} minute intervals', 'every {n} min'],
};

const everyHours: Phrases = {
  tuned: [
    'every {n} hours',
    'every {word nth} hour',
    '{two}every other hour',
    'every {digits} hrs',
    'every {digits}h',
    'each {nth} hour',
    'at {digits} hour intervals',
    'once in {n} hours',
  ],
  known: [
    '{n} hours apart',
    'each {n} hours',
    'once each {n} hours',
    'with {n} hours in between',
    'on a {n} hour cycle',
    'repeat every {n} hours',
    'every {digits}-hour interval',
    '{two}each second hour',
  ],
  development: ['at intervals of {n} hours', 'once per {n} hours', 'one time every {n} hours'],
  novel: ['once every {n} hours', 'every {nth} hour', 'in {digits} hour intervals'],
};

const everyHour: Phrases = {
  tuned: [
    '{past}every hour at {n} minutes past',
    'at minute {digits} of every hour',
    '{top}every hour',
    '{top}hourly',
    '{half}every hour at half past',
    '{top}every hour on the hour',
    '{top}each hour',
    '{past}{n} minutes past each hour',
    '{past}{n} past every hour',
    '{past}hourly at :{padded}',
    '{half}at half past each hour',
    '{quarter}at quarter past every hour',
    '{three quarters}at quarter to every hour',
  ],
  known: [
    '{top}on the hour',
    '{top}every full hour',
    '{top}each full hour',
    '{past}{n} minutes past the hour',
    '{past}{n} minutes after every hour',
    '{past}at :{padded} of each hour',
    '{past}once an hour at minute {digits}',
    '{past}each hour, minute {digits}',
    '{half}hourly on the half hour',
    '{quarter}quarter past each hour',
    '{three quarters}quarter to the hour, every hour',
  ],
  development: ['{past}hourly, {n} minutes past', '{past}at minute {digits} each hour', '{top}one time every hour'],
  novel: [
    '{past}hourly at minute {digits}',
    '{past}each hour at {n} past',
    '{top}once every hour',
    '{half}half past every hour',
  ],
};

const during: Phrases = {
  tuned: [
    'between {start} and {end}',
    'from {start} to {end}',
    'from {start} until {end}',
    '{start} to {end}',
    'during {start}-{end}',
    'only between {start} and {end}',
    'between the hours of {start} and {end}',
    '{from}:00-{to}:00',
  ],
  known: [
    '{from}-{to}h',
    '{start}-{end}',
    'within {start} and {end}',
    'only from {start} through {end}',
    'starting at {start} and ending at {end}',
    'beginning {start}, ending {end}',
    'during the hours {from} to {to}',
    'in the window {start} to {end}',
    'not before {start} and not after {end}',
    'between {from}h and {to}h',
    'after {start} until {end}',
  ],
  development: ['from {start} till {end}', 'in the hours between {start} and {end}', 'from {from}h to {to}h'],
  novel: [
    'starting {start} until {end}',
    "between {from} and {to} o'clock",
    'from {start} through {end}',
    'beginning at {start} and ending at {end}',
  ],
};

/** `every fifteen minutes`; undefined when the voice has no phrase that fits. */
export function sayEveryMinutes(every: number, voice: Voice): string | undefined {
  const slots = {
    ...numberSlots(every, voice),
    quarter: every === 15 ? blank : undefined,
    half: every === 30 ? blank : undefined,
  };
  return say(everyMinutes, slots, voice);
}

/** `every third hour`; undefined when the voice has no phrase that fits. */
export function sayEveryHours(every: number, voice: Voice): string | undefined {
  return say(everyHours, { ...numberSlots(every, voice), two: every === 2 ? blank : undefined }, voice);
}

/** `every hour at ten minutes past`; undefined when the voice has no phrase that fits. */
export function sayHourly(minute: number, voice: Voice): string | undefined {
  const slots = {
    ...numberSlots(minute, voice),
    padded: twoDigits(minute),
    top: minute === 0 ? blank : undefined,
    past: minute > 0 ? blank : undefined,
    quarter: minute === 15 ? blank : undefined,
    half: minute === 30 ? blank : undefined,
    'three quarters': minute === 45 ? blank : undefined,
  };
  return say(everyHour, slots, voice);
}

/** `between 9am and 5pm`; undefined when the voice has no phrase that fits. */
export function sayWindow(window: Window, voice: Voice): string | undefined {
  const hour = fullHour(voice);
  return say(
    during,
    { from: String(window.from), to: String(window.to), start: hour(window.from), end: hour(window.to) },
    voice,
  );
}

/** A slot that only says "this template fits". */
const blank = () => '';

function numberSlots(n: number, { random }: Voice) {
  return {
    n: () => (random.chance(0.6) ? String(n) : numberWord(n)),
    digits: String(n),
    nth: n < 9 ? ordinal(n) : undefined,
    'word nth': n < 9 ? ordinalWord(n) : undefined,
  };
}

/** One way of saying full hours, for both ends of a window. */
function fullHour({ random, pools }: Voice): (hour: number) => string {
  const twelve = (hour: number) => hour % 12 || 12;
  const half = (hour: number) => (hour < 12 ? 'am' : 'pm');
  const plain = [
    (hour: number) => `${twelve(hour)}${half(hour)}`,
    (hour: number) => `${twelve(hour)} ${half(hour)}`,
    (hour: number) => `${twoDigits(hour)}:00`,
    (hour: number) => `${twelve(hour)} ${hour < 12 ? 'a.m.' : 'p.m.'}`,
  ];
  const others = [
    (hour: number) => `${numberWord(twelve(hour))} ${half(hour)}`,
    (hour: number) => `${twelve(hour)}:00 ${half(hour)}`,
    (hour: number) => (hour === 12 ? 'noon' : `${twelve(hour)}${half(hour)}`),
    (hour: number) => `${hour}:00`,
  ];
  return random.pick(pools.includes('known') && random.chance(0.5) ? others : plain);
}
