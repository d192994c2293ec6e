/** Lowest and highest value of each field: minute, hour, day of month, month, day of week (7 is Sunday too). */
const limits = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const monthCodes = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayCodes = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const macros: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** True when both are valid cron expressions that fire at the same minutes: `0 9 * * 1-5` and `0 9 * * MON-FRI`. */
export function sameSchedule(a: string, b: string): boolean {
  const first = canonicalCron(a);
  return first !== undefined && first === canonicalCron(b);
}

/**
 * A five-field expression with every field written out as its sorted values; undefined when it is not valid.
 * Steps, ranges, lists, names and macros are understood; a field that allows everything becomes `*`.
 * When day of month and day of week are both restricted, cron fires on either, unless one begins with `*`: then on both.
 */
export function canonicalCron(expression: string): string | undefined {
  const text = expression.trim();
  const fields = (macros[text.toLowerCase()] ?? text).toUpperCase().split(/\s+/);
  if (fields.length !== limits.length) return undefined;
  const [minutes, hours, dates, months, days] = fields.map(fieldValues);
  if (!minutes || !hours || !dates || !months || !days) return undefined;
  const isEither = !fields[2]!.startsWith('*') && !fields[4]!.startsWith('*');
  const isEveryDay = isEither && (dates === '*' || days === '*');
  const dayPart = isEveryDay ? '* *' : `${dates} ${days}${isEither ? ' either' : ''}`;
  return `${minutes} ${hours} ${months} ${dayPart}`;
}

function fieldValues(field: string, index: number): string | undefined {
  const [low, high] = limits[index]!;
  const isDayOfWeek = index === 4;
  const allowed = new Set<number>();
  for (const part of field.split(',')) {
    const range = partRange(part, index);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) allowed.add(isDayOfWeek ? value % 7 : value);
  }
  const everything = isDayOfWeek ? 7 : high - low + 1;
  return allowed.size === everything ? '*' : [...allowed].sort((a, b) => a - b).join(',');
}

function partRange(part: string, index: number): { from: number; to: number; step: number } | undefined {
  const [low, high] = limits[index]!;
  const match = /^(\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:\/(\d+))?$/.exec(part);
  if (match === null) return undefined;
  const [, start = '', end, stepText] = match;
  if (start === '*' && end !== undefined) return undefined;
  const from = start === '*' ? low : fieldValue(start, index);
  const openEnded = start === '*' || (end === undefined && stepText !== undefined);
  const to = end !== undefined ? fieldValue(end, index) : openEnded ? high : from;
  const step = stepText === undefined ? 1 : Number(stepText);
  const isValid = from >= low && to <= high && from <= to && step >= 1;
  return isValid ? { from, to, step } : undefined;
}

/** NaN when it is neither a number nor a name of this field. */
function fieldValue(text: string, index: number): number {
  if (/^\d+$/.test(text)) return Number(text);
  const names = index === 3 ? monthCodes : index === 4 ? dayCodes : [];
  const position = names.indexOf(text);
  return position < 0 ? Number.NaN : position + (index === 3 ? 1 : 0);
}
