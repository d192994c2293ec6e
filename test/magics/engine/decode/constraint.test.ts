import { describe, expect, it } from 'vitest';
import { createByteMachine } from '../../../../magics/engine/decode/constraint/byte-machine.ts';
import { anyValue } from '../../../../magics/engine/decode/constraint/json.ts';
import { jsonSchemaPattern } from '../../../../magics/engine/decode/constraint/json-schema.ts';
import type { Pattern } from '../../../../magics/engine/decode/constraint/pattern.ts';
import { createConstraintCompiler } from '../../../../magics/engine/decode/constraint.ts';
import { isAllowed } from '../../../../magics/engine/decode/sample.ts';
import { randomStream } from '../../../../magics/engine/random.ts';
import type { OutputConstraint } from '../../../../magics/engine/types.ts';
import { tokenizer } from '../decoding-model.ts';

/** Whether the pattern's language has the text. */
function matcher(pattern: Pattern): (text: string) => boolean {
  const machine = createByteMachine(pattern);
  return (text) => {
    let state = machine.start;
    for (const byte of Buffer.from(text)) {
      state = machine.next(state, byte);
      if (state === -1) return false;
    }
    return machine.isAccepting(state);
  };
}

const matches = (schema: Record<string, unknown>) => matcher(jsonSchemaPattern(schema));

describe('the texts that a JSON schema describes', () => {
  it.each([
    [{ type: 'integer' }, ['0', '-12', '123456789012345'], ['1.5', '01', '', '1234567890123456', '"1"']],
    [{ type: 'number' }, ['0', '-1.25', '3e8', '2.5E-3'], ['.5', '1.', '1e', '+1', 'NaN']],
    [{ type: ['boolean', 'null'] }, ['true', 'false', 'null'], ['True', '0']],
    [{ type: 'string' }, ['""', '"a\\nb"', '"grüße 🙂"', '"\\u00e9"'], ['"a', '"a\nb"', '"\\x"', "'a'"]],
    [{ type: 'string', minLength: 2, maxLength: 3 }, ['"ab"', '"äöü"'], ['"a"', '"abcd"']],
    [{ enum: ['a', 1, null, { b: [2] }] }, ['"a"', '1', 'null', '{"b":[2]}'], ['"b"', '2']],
    [{ const: 'x' }, ['"x"'], ['"y"']],
    [{ type: 'array', items: { type: 'integer' } }, ['[]', '[1]', '[1, 2,3]'], ['[1,]', '[,1]', '["a"]']],
    [
      { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 3 },
      ['[true,false]', '[true,true,true]'],
      ['[]', '[true]', '[true,true,true,true]'],
    ],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, ['3', 'null'], ['true']],
    [
      { $ref: '#/$defs/point', $defs: { point: { type: 'object', properties: { x: { type: 'integer' } } } } },
      ['{}', '{"x":1}'],
      ['{"y":1}'],
    ],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, ['{}', '{"a":1, "b":2}'], ['{"a":"b"}']],
  ])('%j', (schema, good, bad) => {
    const isMatch = matches(schema);
    for (const text of good) expect(isMatch(text), text).toBe(true);
    for (const text of bad) expect(isMatch(text), text).toBe(false);
  });

  it('an object has its required properties, may have its optional ones, in order, and no others', () => {
    const isMatch = matches({
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'boolean' }, c: { type: 'null' } },
      required: ['b'],
      additionalProperties: false,
    });
    for (const good of ['{"b":true}', '{"a": 1, "b": false}', '{"b":true,"c":null}', '{"a":1,"b":true,"c":null}']) {
      expect(isMatch(good), good).toBe(true);
    }
    for (const bad of ['{}', '{"a":1}', '{"b":true,"a":1}', '{,"b":true}', '{"b":true,}', '{"b":true,"d":1}']) {
      expect(isMatch(bad), bad).toBe(false);
    }
  });

  it('any value is JSON, nested a few levels', () => {
    const isMatch = matcher(anyValue());
    for (const good of ['[[[[1]]]]', '{"a": {"b": [true, {"c": null}]}}', '"x"'])
      expect(isMatch(good), good).toBe(true);
    for (const bad of ['[1', '{"a"}', '{1:2}', 'undefined']) expect(isMatch(bad), bad).toBe(false);
  });

  it.each([
    [{ type: 'string', pattern: 'a' }, /keyword "pattern" at #, which decoding cannot enforce/],
    [{ type: 'object', properties: { n: { type: 'integer', minimum: 1 } } }, /"minimum" at #\/properties\/n/],
    [{ type: 'object', propertys: {} }, /"propertys" at #.*Did you mean "properties"/],
    [{ type: 'text' }, /unknown type "text"/],
    [{ type: 'object', properties: {}, required: ['a'] }, /requires "a", which is not among its properties/],
    [{ $ref: '#/$defs/none' }, /refers to "#\/\$defs\/none", which is not in the schema/],
    [
      { $ref: '#/$defs/tree', $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } } },
      /\$ref that leads back to itself/,
    ],
    [{ type: 'array', minItems: -1 }, /minItems that is not a count/],
  ])('what cannot be enforced is named: %j', (schema, message) => {
    expect(() => jsonSchemaPattern(schema)).toThrow(message);
  });
});

describe('token masks', () => {
  const stop = tokenizer.eosTokenId;
  const compiler = createConstraintCompiler(tokenizer, tokenizer.vocabularySize, new Set([stop]));

  /** A text of at most `limit` random tokens among those that the masks allow. */
  function randomText(constraint: OutputConstraint, limit: number, seed: number): string {
    const state = compiler.compile(constraint);
    const random = randomStream('mask', seed);
    const tokens: number[] = [];
    while (tokens.length < limit && !state.isComplete) {
      const mask = state.mask(limit - tokens.length);
      const allowed = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter((id) =>
        isAllowed(mask, id),
      );
      const id = allowed[Math.floor(random.uniform() * allowed.length)]!;
      if (id === stop) break;
      tokens.push(id);
      state.accept(id);
    }
    return tokenizer.decode(tokens);
  }

  it('whatever a model prefers, the answer parses and matches, also where the limit on tokens is tight', () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        tags: { type: 'array', items: { type: 'string', enum: ['red', 'green'] } },
        count: { type: 'integer' },
      },
      required: ['title', 'tags', 'count'],
    };
    const isMatch = matches(schema);
    for (let seed = 0; seed < 40; seed++) {
      const text = randomText({ jsonSchema: schema }, 40 + seed, seed);
      expect(isMatch(text), text).toBe(true);
      expect(Object.keys(JSON.parse(text))).toEqual(['title', 'tags', 'count']);
    }
  });

  it('any JSON ends within its tokens', () => {
    for (let seed = 0; seed < 20; seed++) expect(JSON.parse(randomText({ json: true }, 30, seed))).toBeTypeOf('object');
  });

  it('choices that begin alike are told apart, and the shorter may end', () => {
    const choices = ['one', 'one two', 'three'];
    const made = new Set(Array.from({ length: 60 }, (_, seed) => randomText({ choices }, 20, seed)));
    expect([...made].sort()).toEqual(choices);
    expect(() => compiler.compile({ choices: [] })).toThrow(/at least one choice/);
  });
});
