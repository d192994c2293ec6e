import type { z } from 'zod';
import { suggestion, UserError } from '../../errors.ts';

/** Reads `tokenize=zh, lowercase` (a name alone means yes) by a metric's schema; mistakes are UserErrors. */
export function readMetricOptions<Schema extends z.ZodObject>(
  schema: Schema,
  text: string,
  asked: string,
): z.output<Schema> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const given = Object.fromEntries(
    parts.map((part) => {
      const [name = '', value = 'yes'] = part.split('=').map((side) => side.trim());
      return [name, value];
    }),
  );
  const names = Object.keys(schema.shape);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw metricOptionNotFound(asked, unknown, names);
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw metricOptionInvalid(asked, String(issue?.path[0] ?? ''), issue?.message ?? '');
}

function metricOptionNotFound(asked: string, name: string, names: readonly string[]): UserError {
  const hint = names.length === 0 ? ' It takes none.' : suggestion(name, names, 'Options');
  return new UserError(`"${asked}": the metric has no option "${name}".${hint}`, { offending: name });
}

function metricOptionInvalid(asked: string, name: string, reason: string): UserError {
  return new UserError(`"${asked}": option "${name}" cannot be used: ${reason}.`, { offending: name });
}
