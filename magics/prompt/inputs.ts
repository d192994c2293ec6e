import { picoschema } from 'dotprompt';
import { z } from 'zod';
import { nearest, suggestion, UserError } from '../errors.ts';
import { inputsType, type JsonSchema, typeOf } from './input-types.ts';
import type { PromptMetadata } from './parse.ts';
import type { TemplateVariables } from './template.ts';

/** One input of a prompt. */
export interface PromptInput {
  readonly name: string;
  /** TypeScript type, for example `string`. */
  readonly type: string;
  readonly required: boolean;
  readonly description?: string;
}

export interface PromptInputs {
  readonly inputs: readonly PromptInput[];
  /** The values with defaults filled in; missing, unknown and mistyped ones are UserErrors. */
  checkInputs(values: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Inputs from `input.schema` (Picoschema or JSON Schema); without a schema, the template's variables, all required. */
export async function createInputs(
  name: string,
  input: PromptMetadata['input'],
  variables: TemplateVariables,
): Promise<PromptInputs> {
  const defaults = input?.default ?? {};
  const schema = input?.schema === undefined ? schemaOf(variables) : await readSchema(name, input.schema);
  const properties = schema.properties ?? {};
  if (schema.additionalProperties === false) checkVariables(name, variables, Object.keys(properties));
  const isRequired = (key: string) => schema.required?.includes(key) === true && !(key in defaults);
  const inputs = Object.entries(properties).map(([key, property]) => ({
    name: key,
    type: typeOf(property),
    required: isRequired(key),
    description: property.description,
  }));
  const check = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return { inputs, checkInputs: (values) => checked(name, inputs, check, { ...defaults, ...present(values) }) };
}

async function readSchema(name: string, source: unknown): Promise<JsonSchema> {
  try {
    const schema: JsonSchema = await picoschema(source);
    if (schema.properties === undefined) throw new Error('it names no inputs');
    return schema;
  } catch (error) {
    throw badSchema(name, error);
  }
}

function schemaOf(variables: TemplateVariables): JsonSchema {
  const names = [...variables.keys()];
  const properties = Object.fromEntries(names.map((key): [string, JsonSchema] => [key, {}]));
  return { type: 'object', properties, required: names, additionalProperties: false };
}

function checked(
  name: string,
  inputs: readonly PromptInput[],
  schema: z.ZodType,
  values: Record<string, unknown>,
): Record<string, unknown> {
  const missing = inputs.filter((input) => input.required && !(input.name in values)).map((input) => input.name);
  const result = schema.safeParse(values);
  if (missing.length === 0 && result.success) return values;
  const unknown = Object.keys(values).filter((key) => !inputs.some((input) => input.name === key));
  const wrong = result.error?.issues.find((issue) => issue.path.length > 0);
  throw wrongInputs(name, inputs, { missing, unknown, wrong: wrong && `"${wrong.path.join('.')}": ${wrong.message}` });
}

/** Without the values that are missing. */
function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

function checkVariables(name: string, variables: TemplateVariables, declared: readonly string[]): void {
  for (const [variable, line] of variables) {
    if (declared.includes(variable)) continue;
    throw new UserError(
      `Prompt "${name}", line ${line}: {{${variable}}} is not an input.${suggestion(variable, declared, 'Inputs')} Declare it in input.schema.`,
      { offending: variable },
    );
  }
}

function badSchema(name: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    `Prompt "${name}": input.schema cannot be read: ${reason}. Write for example: input: { schema: { text: string } }`,
    { cause, offending: 'schema' },
  );
}

function wrongInputs(
  name: string,
  inputs: readonly PromptInput[],
  problem: { missing: readonly string[]; unknown: readonly string[]; wrong?: string },
): UserError {
  const parts = [];
  if (problem.missing.length > 0) parts.push(`missing input ${problem.missing.map((key) => `"${key}"`).join(', ')}`);
  if (problem.unknown.length > 0) parts.push(`unknown input ${problem.unknown.map((key) => `"${key}"`).join(', ')}`);
  if (parts.length === 0 && problem.wrong !== undefined) parts.push(`input ${problem.wrong}`);
  const names = inputs.map((input) => input.name);
  const near = problem.unknown[0] === undefined ? undefined : nearest(problem.unknown[0], names);
  const rest = near === undefined ? ` It takes ${inputsType(inputs)}.` : ` Did you mean "${near}"?`;
  return new UserError(`Prompt "${name}": ${parts.join('; ')}.${rest}`, {
    offending: problem.unknown[0] ?? problem.missing[0],
  });
}
