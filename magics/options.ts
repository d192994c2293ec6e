import type { z } from 'zod';
import type { Verb } from './magic.ts';

/** How an option's text is read: `%x --n 3` gives the number 3 where the schema wants a number. */
export type OptionKind = 'string' | 'number' | 'boolean' | 'list' | 'object' | 'any';

/** One option of a verb, as help, completions and the reading of magic lines need it. */
export interface OptionDescription {
  readonly name: string;
  readonly kind: OptionKind;
  /** Kind of a list's items. */
  readonly items?: OptionKind;
  /** Other kinds that the schema takes as well. */
  readonly alternatives: readonly OptionKind[];
  readonly description: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly choices?: readonly string[];
}

/** A verb's options in the order of its schema. */
export function describeOptions(verb: Pick<Verb, 'options'>): OptionDescription[] {
  return Object.entries(verb.options.shape).map(([name, schema]) => describeOption(name, schema as z.ZodType));
}

/** The option that a name means: exactly, or written with dashes or in another case (`--num-epochs` is `num_epochs`). */
export function findOption(options: readonly OptionDescription[], name: string): OptionDescription | undefined {
  const simple = (text: string) => text.replace(/[-_]/g, '').toLowerCase();
  return options.find((o) => o.name === name) ?? options.find((o) => simple(o.name) === simple(name));
}

function describeOption(name: string, schema: z.ZodType): OptionDescription {
  const layers = unwrap(schema);
  const core = layers.at(-1)!;
  const kinds = kindsOf(core);
  const [kind = 'any', ...alternatives] = kinds.map((k) => k.kind);
  return {
    name,
    kind,
    alternatives,
    items: kinds.find((k) => k.kind === 'list')?.items,
    description: layers.map((layer) => layer.description).find((text) => text !== undefined) ?? '',
    required: !schema.safeParse(undefined).success,
    default: defaultOf(layers),
    choices: choicesOf(core),
  };
}

/** The schema and what its optional, default, pipe ... layers wrap, from the outside in. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return inner === undefined ? [schema] : [schema, ...unwrap(inner)];
}

function kindsOf(schema: z.ZodType): { kind: OptionKind; items?: OptionKind }[] {
  const def = schema.def as { type: string; options?: z.ZodType[]; element?: z.ZodType };
  if (def.type === 'union') return (def.options ?? []).flatMap((option) => kindsOf(unwrap(option).at(-1)!));
  if (def.type === 'array') return [{ kind: 'list', items: kindsOf(unwrap(def.element!).at(-1)!)[0]?.kind }];
  return [{ kind: simpleKinds[def.type] ?? 'any' }];
}

const simpleKinds: Record<string, OptionKind> = {
  string: 'string',
  enum: 'string',
  literal: 'string',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  object: 'object',
  record: 'object',
};

function defaultOf(layers: readonly z.ZodType[]): unknown {
  for (const layer of layers) {
    const def = layer.def as { type: string; defaultValue?: unknown };
    if (def.type === 'default' || def.type === 'prefault') return def.defaultValue;
  }
  return undefined;
}

function choicesOf(schema: z.ZodType): string[] | undefined {
  const def = schema.def as { type: string; entries?: Record<string, string>; element?: z.ZodType };
  if (def.type === 'enum' && def.entries !== undefined) return Object.values(def.entries).map(String);
  return def.type === 'array' ? choicesOf(unwrap(def.element!).at(-1)!) : undefined;
}
