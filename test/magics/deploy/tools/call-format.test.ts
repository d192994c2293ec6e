import { describe, expect, it } from 'vitest';
import { findCallFormat } from '../../../../magics/deploy/tools/call-format.ts';
import { scriptedGenerator } from '../scripted-generator.ts';
import { inWords, listed, marked, plain, unmarked } from './templates.ts';

const formatOf = (chatTemplate?: string) => findCallFormat(scriptedGenerator(() => '', { chatTemplate }).tokenizer);

describe('the form of function calls', () => {
  it('is read off the chat template, without what belongs to the last turn alone', () => {
    expect(formatOf(marked)).toEqual({
      open: '<tool_call>\n',
      close: '\n</tool_call>',
      isList: false,
      argumentsKey: 'arguments',
    });
    expect(formatOf(unmarked)).toEqual({ open: '', close: '', isList: false, argumentsKey: 'parameters' });
    expect(formatOf(listed)).toEqual({ open: '[CALLS] ', close: '', isList: true, argumentsKey: 'arguments' });
  });

  it('is unknown where the template writes no calls, or none in JSON', () => {
    expect(formatOf(plain)).toBeUndefined();
    expect(formatOf(inWords)).toBeUndefined();
    expect(formatOf()).toBeUndefined();
    expect(formatOf('{{ raise_exception("no") }}')).toBeUndefined();
  });
});
