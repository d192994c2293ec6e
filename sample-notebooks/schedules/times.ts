import { type Phrases, type Pool, say, type Voice } from './phrase.ts';
import type { Time } from './schedule.ts';
import { numberWord, twoDigits } from './words.ts';

type Numbers = 'digits' | 'words';
type Suffix = 'bare' | 'am' | 'am spaced' | 'am dotted' | 'part';
/** One way to say a time; `form` is its name in `heldOut` and `tuned`. */
interface TimeStyle {
  form: string;
  pool: Pool;
  say(time: Time): string | undefined;
}

/** The body of a time: undefined where it does not fit. `hour` is said as the number style asks. */
type Body = (time: Time, number: (n: number) => string, numbers: Numbers) => string | undefined;

const twelve = (hour: number) => hour % 12 || 12;
const quarterNames: Record<number, string> = { 15: 'quarter', 30: 'half', 45: 'quarter' };

const bodies: Record<string, Body> = {
  clock: ({ hour, minute }, _, numbers) => (numbers === 'digits' ? `${twelve(hour)}:${twoDigits(minute)}` : undefined),
  dotted: ({ hour, minute }, _, numbers) => (numbers === 'digits' ? `${twelve(hour)}.${twoDigits(minute)}` : undefined),
  hour: ({ hour, minute }, number) => (minute === 0 ? number(twelve(hour)) : undefined),
  oclock: ({ hour, minute }, number) => (minute === 0 ? `${number(twelve(hour))} o'clock` : undefined),
  spelled: ({ hour, minute }, number, numbers) => {
    if (numbers === 'digits' || minute === 0) return undefined;
    return `${number(twelve(hour))} ${minute < 10 ? 'oh ' : ''}${number(minute)}`;
  },
  half: ({ hour, minute }, number) => (minute === 30 ? `half past ${number(twelve(hour))}` : undefined),
  quarter: ({ hour, minute }, number) => (minute === 15 ? `quarter past ${number(twelve(hour))}` : undefined),
  'a quarter': ({ hour, minute }, number) => (minute === 15 ? `a quarter past ${number(twelve(hour))}` : undefined),
  'quarter after': ({ hour, minute }, number) => (minute === 15 ? `quarter after ${number(twelve(hour))}` : undefined),
  past: ({ hour, minute }, number) =>
    minute > 0 && minute < 30 && minute % 5 === 0 && !quarterNames[minute]
      ? `${number(minute)} past ${number(twelve(hour))}`
      : undefined,
  'minutes past': ({ hour, minute }, number) =>
    minute > 0 && minute < 40 ? `${number(minute)} minutes past ${number(twelve(hour))}` : undefined,
  'minutes after': ({ hour, minute }, number) =>
    minute > 0 && minute < 40 ? `${number(minute)} min after ${number(twelve(hour))}` : undefined,
  'quarter to': ({ hour, minute }, number) =>
    minute === 45 && staysInHalfDay(hour) ? `quarter to ${number(twelve(hour + 1))}` : undefined,
  'a quarter to': ({ hour, minute }, number) =>
    minute === 45 && staysInHalfDay(hour) ? `a quarter to ${number(twelve(hour + 1))}` : undefined,
  to: ({ hour, minute }, number) =>
    minute > 30 && minute % 5 === 0 && minute !== 45 && staysInHalfDay(hour)
      ? `${number(60 - minute)} to ${number(twelve(hour + 1))}`
      : undefined,
  'minutes to': ({ hour, minute }, number) =>
    minute > 30 && staysInHalfDay(hour)
      ? `${number(60 - minute)} minutes before ${number(twelve(hour + 1))}`
      : undefined,
};

const suffixes: Record<Suffix, (time: Time) => string | undefined> = {
  bare: ({ hour }) => (hour >= 1 && hour <= 12 ? '' : undefined),
  am: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  'am spaced': ({ hour }) => (hour < 12 ? ' am' : ' pm'),
  'am dotted': ({ hour }) => (hour < 12 ? ' a.m.' : ' p.m.'),
  part: (time) => {
    const part = partOfDay(time);
    return part === undefined ? undefined : ` ${part}`;
  },
};

/** What the fine-tuning pairs use. */
const tunedForms = [
  'clock digits am',
  'clock digits am spaced',
  'hour digits am',
  'hour digits am spaced',
  'oclock words bare',
  'oclock words part',
  'half words bare',
  'half words part',
  'quarter words bare',
  'quarter to words bare',
  'spelled words am spaced',
  'past words bare',
  'to words bare',
  'clock digits am dotted',
  'hour digits am dotted',
  'hour words am spaced',
  'hour words part',
  'dotted digits am',
  'a quarter words am spaced',
  'quarter after words bare',
  'minutes past words bare',
  'past digits am spaced',
  'to words am spaced',
];
/** What neither the fine-tuning pairs nor the pre-training use. */
const heldOut: Record<string, Pool> = {
  'half words am spaced': 'development',
  'hour digits part': 'development',
  'past words part': 'development',
  'spelled words am dotted': 'development',
  'dotted digits am dotted': 'development',
  'clock digits part': 'novel',
  'half digits am spaced': 'novel',
  'quarter words am spaced': 'novel',
  'quarter to words part': 'novel',
  'past words am dotted': 'novel',
};

const named: Record<number, Phrases> = {
  0: {
    tuned: ['midnight'],
    known: ['12 midnight', 'twelve at night'],
    development: ['twelve midnight'],
    novel: ['0:00'],
  },
  12: {
    tuned: ['noon'],
    known: ['midday', '12 midday', 'high noon'],
    development: ['twelve midday'],
    novel: ['12 noon', 'twelve noon'],
  },
};

const styles = composeStyles();

/** A time of day, without "at"; undefined when the voice has no way to say it. */
export function sayTime(time: Time, voice: Voice): string | undefined {
  const name = time.minute === 0 ? named[time.hour] : undefined;
  const spoken = name !== undefined && voice.random.chance(0.6) ? say(name, {}, voice) : undefined;
  return spoken ?? sayStyled(time, voice);
}

function sayStyled(time: Time, voice: Voice): string | undefined {
  const candidates = (pools: readonly Pool[]) =>
    styles.filter((style) => pools.includes(style.pool)).flatMap((style) => style.say(time) ?? []);
  const preferred = voice.prefer !== undefined && voice.random.chance(0.5) ? candidates([voice.prefer]) : [];
  const all = preferred.length > 0 ? preferred : candidates(voice.pools);
  return all.length === 0 ? undefined : voice.random.pick(all);
}

function composeStyles(): TimeStyle[] {
  const composed: TimeStyle[] = [
    { form: '24 hours', pool: 'tuned', say: ({ hour, minute }) => `${twoDigits(hour)}:${twoDigits(minute)}` },
    { form: '24 hours h', pool: 'known', say: ({ hour, minute }) => `${twoDigits(hour)}h${twoDigits(minute)}` },
    {
      form: '24 hours military',
      pool: 'known',
      say: ({ hour, minute }) => `${twoDigits(hour)}${twoDigits(minute)} hours`,
    },
    {
      form: '24 hours h suffix',
      pool: 'development',
      say: ({ hour, minute }) => `${twoDigits(hour)}:${twoDigits(minute)}h`,
    },
    {
      form: '24 hours word',
      pool: 'novel',
      say: ({ hour, minute }) => `${twoDigits(hour)}:${twoDigits(minute)} hours`,
    },
  ];
  for (const [name, body] of Object.entries(bodies)) {
    for (const numbers of ['digits', 'words'] as const) {
      const number = (n: number) => (numbers === 'digits' ? String(n) : numberWord(n));
      for (const [suffix, ending] of Object.entries(suffixes)) {
        const form = `${name} ${numbers} ${suffix}`;
        if (name === 'hour' && suffix === 'bare') continue;
        if (numbers === 'words' && suffix === 'am') continue;
        composed.push({
          form,
          pool: tunedForms.includes(form) ? 'tuned' : (heldOut[form] ?? 'known'),
          say: (time) => {
            const [text, end] = [body(time, number, numbers), ending(time)];
            return text === undefined || end === undefined ? undefined : text + end;
          },
        });
      }
    }
  }
  return composed;
}

/** "quarter to twelve am" would mean something else than the hour before it says. */
function staysInHalfDay(hour: number): boolean {
  return (
    hour % 12 !== 11 && hour % 12 !== 0 && partOfDay({ hour, minute: 0 }) === partOfDay({ hour: hour + 1, minute: 0 })
  );
}

function partOfDay({ hour }: Time): string | undefined {
  if (hour < 1 || hour === 12) return undefined;
  if (hour < 12) return 'in the morning';
  if (hour < 18) return 'in the afternoon';
  return hour < 21 ? 'in the evening' : 'at night';
}
