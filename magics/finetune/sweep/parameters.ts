import { z } from 'zod';
import { suggestion } from '../../errors.ts';

/** How a parameter's values are drawn, in Weights & Biases' words. */
export const distributions = [
  'constant',
  'categorical',
  'int_uniform',
  'uniform',
  'q_uniform',
  'log_uniform',
  'log_uniform_values',
  'q_log_uniform_values',
  'normal',
  'q_normal',
] as const;

const value = z.json();

/** One parameter: the keys that say which values it may take. */
const constraint = z
  .strictObject(
    {
      value: value.optional(),
      values: z.array(value).min(1).optional(),
      probabilities: z.array(z.number().min(0)).optional(),
      distribution: z.enum(distributions).optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      mu: z.number().optional(),
      sigma: z.number().positive().optional(),
      q: z.number().positive().optional(),
    },
    { error: unknownKey },
  )
  .transform((given, context) => {
    const domain = toDomain(given);
    if (typeof domain !== 'string') return domain;
    context.addIssue({ code: 'custom', message: domain });
    return z.NEVER;
  });

/** Where a parameter's values come from. */
export type Domain =
  | { readonly kind: 'choice'; readonly values: readonly unknown[]; readonly probabilities?: readonly number[] }
  | {
      readonly kind: 'range';
      readonly distribution: Exclude<(typeof distributions)[number], 'constant' | 'categorical'>;
      /** min and max; mu and sigma of a normal distribution. */
      readonly from: number;
      readonly to: number;
      /** Values are multiples of it. */
      readonly q?: number;
    };

/** A parameter that is swept: its place in the options (`base_model.hidden_size`) and its values. */
export interface SweepParameter {
  readonly path: readonly string[];
  readonly domain: Domain;
}

/**
 * Reads `parameters`: names to constraints, nested by a `parameters` of their own. `valid` are the options that may be
 * swept; a UserError-like issue names them for any other.
 */
export function parametersSchema(valid: readonly string[]) {
  return z.record(z.string(), z.unknown()).transform((given, context): SweepParameter[] => {
    const found: SweepParameter[] = [];
    const read = (name: string, entry: unknown, path: readonly string[]): void => {
      const here = [...path, name];
      if (path.length === 0 && !valid.includes(name)) {
        const message = `%finetune has no option "${name}" to sweep.${suggestion(name, valid, 'Options')}`;
        context.addIssue({ code: 'custom', message, path: here });
        return;
      }
      if (isNested(entry)) {
        for (const [inner, value] of Object.entries(entry.parameters)) read(inner, value, here);
        return;
      }
      const parsed = constraint.safeParse(entry);
      if (parsed.success) found.push({ path: here, domain: parsed.data });
      else for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message, path: here });
    };
    for (const [name, entry] of Object.entries(given)) read(name, entry, []);
    if (Object.keys(given).length === 0) context.addIssue({ code: 'custom', message: 'name at least one parameter' });
    return found;
  });
}

type Given = {
  [K in 'value' | 'values' | 'probabilities' | 'distribution' | 'min' | 'max' | 'mu' | 'sigma' | 'q']?: unknown;
} & { values?: unknown[]; probabilities?: number[]; distribution?: (typeof distributions)[number] } & Partial<
    Record<'min' | 'max' | 'mu' | 'sigma' | 'q', number>
  >;

/** The domain, or what is wrong. */
function toDomain(given: Given): Domain | string {
  const { value, values, probabilities, distribution, min, max, mu = 0, sigma = 1, q } = given;
  if (value !== undefined) return values === undefined ? { kind: 'choice', values: [value] } : 'give value or values';
  if (values !== undefined) {
    if (probabilities !== undefined && probabilities.length !== values.length)
      return `${probabilities.length} probabilities for ${values.length} values`;
    return { kind: 'choice', values, probabilities };
  }
  if (distribution === 'constant' || distribution === 'categorical') return `${distribution} needs value or values`;
  if (distribution === 'normal' || distribution === 'q_normal')
    return { kind: 'range', distribution, from: mu, to: sigma, q: distribution === 'q_normal' ? (q ?? 1) : undefined };
  if (min === undefined || max === undefined) return 'give values, or min and max';
  if (min >= max) return `min (${min}) must be below max (${max})`;
  const isWhole = Number.isInteger(min) && Number.isInteger(max);
  const chosen = distribution ?? (isWhole ? 'int_uniform' : 'uniform');
  if (chosen.endsWith('log_uniform_values') && min <= 0) return `${chosen} needs a min above 0`;
  return { kind: 'range', distribution: chosen, from: min, to: max, q: chosen.startsWith('q_') ? (q ?? 1) : undefined };
}

function isNested(entry: unknown): entry is { parameters: Record<string, unknown> } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    Object.keys(entry).length === 1 &&
    'parameters' in entry &&
    typeof entry.parameters === 'object' &&
    entry.parameters !== null
  );
}

function unknownKey(issue: { code?: string; keys?: unknown }): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const [key = ''] = issue.keys as string[];
  const keys = ['value', 'values', 'probabilities', 'distribution', 'min', 'max', 'mu', 'sigma', 'q', 'parameters'];
  return `a parameter has no key "${key}".${suggestion(key, keys, 'Keys')}`;
}
