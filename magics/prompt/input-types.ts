import { propertyName } from '../dataset/column-types.ts';
import type { PromptInput } from './inputs.ts';

/** What is used of JSON Schema. */
export interface JsonSchema {
  type?: string | readonly string[];
  description?: string;
  enum?: readonly unknown[];
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
}

/** The type of what a prompt is rendered with: `{ text: string; tone?: string }`. */
export function inputsType(inputs: readonly PromptInput[]): string {
  if (inputs.length === 0) return 'Record<string, never>';
  return `{ ${inputs.map((i) => `${propertyName(i.name)}${i.required ? '' : '?'}: ${i.type}`).join('; ')} }`;
}

/** The TypeScript type that a JSON Schema describes. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return types.length === 0 ? 'unknown' : types.map((type) => typeText(type, schema)).join(' | ');
}

function typeText(type: string, schema: JsonSchema): string {
  if (type === 'integer') return 'number';
  if (type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (type !== 'object') return type === 'any' ? 'unknown' : type;
  if (schema.properties === undefined) return 'Record<string, unknown>';
  const fields = Object.entries(schema.properties).map(([key, property]) => {
    const optional = schema.required?.includes(key) === true ? '' : '?';
    return `${propertyName(key)}${optional}: ${typeOf(property)}`;
  });
  return `{ ${fields.join('; ')} }`;
}
