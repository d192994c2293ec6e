import { mergePhrases, type Phrases, type Slots, say, type Voice } from './phrase.ts';
import { type Days, isRun, otherDays, sameNumbers, weekdays, weekend } from './schedule.ts';
import { dayNames, joinList, shortDays } from './words.ts';

const everyDay: Phrases = {
  tuned: ['every day', 'daily', 'each day', 'seven days a week', 'once a day', 'on a daily basis', 'all week'],
  known: [
    '7 days a week',
    'all week long',
    'on any day',
    'each and every day',
    'on every day of the week',
    'day after day',
    'days: all',
    'all days of the week',
  ],
  development: ['on each day', 'any day of the week', 'all the days'],
  novel: ['every single day', 'on all days', 'each day of the week'],
};

const onWeekdays: Phrases = {
  tuned: [
    'every weekday',
    'on weekdays',
    'monday to friday',
    'on working days',
    'every business day',
    'weekdays only',
    'mon-fri',
    'monday till friday',
    'any weekday',
    'not on weekends',
  ],
  known: [
    'each working day',
    'working days only',
    'business days only',
    'each business day',
    'all weekdays',
    'on a weekday',
    'mon to fri',
    'monday-friday',
    'on workdays',
    'every workday',
    'all work days',
    'during the working week',
    'every day except the weekend',
    'never at the weekend',
  ],
  development: ['each workday', 'on business days', 'on any working day', 'on weekdays only'],
  novel: ['each weekday', 'every working day', 'on all weekdays', 'every day but not at the weekend'],
};

const onWeekend: Phrases = {
  tuned: [
    'on weekends',
    'on saturday and sunday',
    'at the weekend',
    'weekends only',
    'sat and sun',
    'each weekend',
    'not on weekdays',
  ],
  known: [
    'at weekends',
    'only at weekends',
    'on the weekend',
    'sat & sun',
    'saturdays and sundays',
    'all weekend',
    'every saturday and sunday',
    'never on weekdays',
  ],
  development: ['all weekends', 'on weekends only', 'sat+sun'],
  novel: ['every weekend', 'each saturday and sunday', 'on weekend days'],
};

const oneDay: Phrases = {
  tuned: [
    'every {day}',
    'on {day}s',
    'each {day}',
    'weekly on {dy}',
    'on {day}',
    '{day}s',
    'all {day}s',
    'only on {day}',
    'every week on {day}',
  ],
  known: [
    'weekly on {day}',
    '{day} only',
    'just {day}s',
    'once weekly on {day}',
    '{day} each week',
    'on each {day}',
    'each {dy}',
    'on {dy}',
    'any {day}',
    'each week on {dy}',
    'one time a week on {day}',
    'once every week on {dy}',
  ],
  development: ['on every {day}', 'only on {day}s', 'weekly, each {day}', 'on {day}s only'],
  novel: ['once a week on {day}', 'every {dy}', 'each and every {day}', 'every week on {day}s'],
};

const listOfDays: Phrases = {
  tuned: [
    'on {list}',
    'on {short list}',
    'every {list}',
    'each {short list}',
    '{plural list}',
    '{ampersands}',
    'weekly on {short list}',
  ],
  known: [
    'every {short list}',
    'each {list}',
    'just {list}',
    '{slashes}',
    'only {ampersands}',
    'days: {slashes}',
    'all {plural list}',
    '{short list} only',
    'on the days {list}',
  ],
  development: ['only on {list}', 'each week on {short list}', 'on each {list}'],
  novel: ['on {plural list}', 'every week on {list}', '{short list} each week'],
};

const rangeOfDays: Phrases = {
  tuned: [
    '{first} to {last}',
    'from {first} through {last}',
    '{fst}-{lst}',
    'between {first} and {last}',
    '{fst} to {lst}',
    'from {first} until {last}',
  ],
  known: [
    '{first}-{last}',
    'between {fst} and {lst}',
    '{first} through {last}',
    '{first} until {last}',
    'starting {first} ending {last}',
    'days {fst} to {lst}',
    'all days from {first} to {last}',
    'every day from {first} through {last}',
  ],
  development: ['from {first} till {last}', '{fst} until {lst}', 'on {fst}-{lst}'],
  novel: [
    'from {fst} to {lst}',
    '{fst} through {lst}',
    'every day from {first} to {last}',
    'each day between {first} and {last}',
  ],
};

const allButOneDay: Phrases = {
  tuned: [
    'every day except {day}',
    'daily but not on {day}',
    'all days but {day}',
    'each day except for {day}s',
    'daily excluding {day}',
    'any day except {dy}',
    'every day other than {day}',
  ],
  known: [
    'all week but {dy}',
    'any day but {day}',
    'every day, but never on {day}',
    'every day, not {day}',
    'every day without {day}',
    'daily with the exception of {day}',
    'all week except {day}',
    'all week apart from {dy}',
    'never on {day}, otherwise daily',
    'each day save {day}',
    'not on {day}s but all other days',
  ],
  development: ['each day but not on {day}', 'daily other than {day}', 'all days excluding {day}'],
  novel: ['every day but {day}', 'daily apart from {day}', 'all days except {day}', 'each day excluding {day}s'],
};

/** A phrase for days of the week; undefined when the voice has none that fits. */
export function sayDays(days: Days, voice: Voice): string | undefined {
  if (days === undefined) return say(everyDay, {}, voice);
  return say(phrasesFor(days), daySlots(days, voice), voice);
}

function phrasesFor(days: readonly number[]): Phrases {
  if (sameNumbers(days, weekdays)) return onWeekdays;
  if (sameNumbers(days, weekend)) return onWeekend;
  if (days.length === 1) return oneDay;
  if (days.length === 6) return isRun(days) ? mergePhrases(allButOneDay, rangeOfDays) : allButOneDay;
  if (!isRun(days)) return listOfDays;
  return days.length === 3 ? mergePhrases(listOfDays, rangeOfDays) : rangeOfDays;
}

function daySlots(days: readonly number[], { random }: Voice): Slots {
  const full = days.map((day) => dayNames[day]!);
  const short = days.map((day) => shortDays[day]!);
  const single = days.length === 6 ? otherDays(days)[0]! : days[0]!;
  return {
    day: dayNames[single],
    dy: shortDays[single],
    list: () => joinList(full, random),
    'short list': () => joinList(short, random),
    'plural list': () =>
      joinList(
        full.map((name) => `${name}s`),
        random,
      ),
    slashes: short.join('/'),
    ampersands: (random.chance(0.5) ? full : short).join(' & '),
    first: full[0],
    last: full.at(-1),
    fst: short[0],
    lst: short.at(-1),
  };
}
