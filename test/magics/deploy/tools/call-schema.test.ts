import { describe, expect, it } from 'vitest';
import type { CallFormat } from '../../../../magics/deploy/tools/call-format.ts';
import { callSchema } from '../../../../magics/deploy/tools/call-schema.ts';
import { jsonSchemaPattern } from '../../../../magics/engine/decode/constraint/json-schema.ts';

const format: CallFormat = { open: '', close: '', isList: false, argumentsKey: 'parameters' };
const schemaOf = (parameters: Record<string, unknown> | undefined, strict?: boolean) => {
  const schema = callSchema([{ type: 'function', function: { name: 'f', parameters, strict } }], format, false);
  jsonSchemaPattern(schema);
  return (schema.$defs as Record<string, unknown>).f;
};

describe('the schema of a call', () => {
  it('has one form for each tool, with the key that the model writes', () => {
    const tools = ['f', 'g'].map((name) => ({ type: 'function' as const, function: { name } }));
    const one = (name: string) => ({
      type: 'object',
      properties: { name: { const: name }, parameters: { $ref: `#/$defs/${name}` } },
      required: ['name', 'parameters'],
    });
    const none = { type: 'object', properties: {} };
    const $defs = { f: none, g: none };
    expect(callSchema(tools, format, true)).toEqual({ anyOf: [one('f'), one('g')], $defs });
    const list = { ...format, isList: true };
    expect(callSchema(tools, list, false)).toMatchObject({ type: 'array', minItems: 1, items: { anyOf: [{}, {}] } });
    expect(callSchema(tools, list, true)).toMatchObject({ maxItems: 1 });
  });

  it('keeps references between definitions', () => {
    const place = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const parameters = { type: 'object', properties: { from: { $ref: '#/$defs/place' } }, $defs: { place } };
    expect(schemaOf(parameters)).toMatchObject({ properties: { from: { $ref: '#/$defs/f/$defs/place' } } });
  });

  it('leaves out what decoding cannot enforce, unless the tool is strict', () => {
    const pattern = { type: 'object', properties: { a: { type: 'string', pattern: '^b' } }, required: ['a'] };
    expect(schemaOf(pattern)).toEqual({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
    expect(() => schemaOf(pattern, true)).toThrow('the keyword "pattern" at #/properties/a');
    // A property may have a keyword's name.
    const named = { type: 'object', properties: { pattern: { type: 'string' } }, required: ['pattern'] };
    expect(schemaOf(named)).toEqual(named);
    const circle = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
    expect(schemaOf({ ...circle, $defs: { node } })).toEqual({ type: 'object' });
  });
});
