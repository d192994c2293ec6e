import { describe, expect, it } from 'vitest';
import { createTextStream } from '../../../magics/deploy/text-stream.ts';

const bytes = { decode: (ids: readonly number[]) => Buffer.from(ids).toString('utf8') };

/** The pieces that a text's bytes are given out in, one byte a token, and the rest at the end. */
function pieces(text: string, stop: readonly string[], whole = text): { given: string[]; rest: string } {
  const stream = createTextStream(bytes, stop);
  const given = [...Buffer.from(text)].map((id) => stream.push(id)).filter((piece) => piece !== '');
  return { given, rest: stream.finish(whole) };
}

describe('createTextStream', () => {
  it('gives every character whole, as soon as it is', () => {
    expect(pieces('aé🙂', []).given).toEqual(['a', 'é', '🙂']);
    expect(pieces('aé🙂', []).rest).toBe('');
  });

  it('holds back what may become a stop string, and gives it out when it does not', () => {
    expect(pieces('a EN END', ['END'], 'a EN ')).toEqual({ given: ['a', ' ', 'EN '], rest: '' });
    expect(pieces('a EN', ['END'])).toEqual({ given: ['a', ' '], rest: 'EN' });
  });

  it('gives nothing that comes after a stop string', () => {
    expect(pieces('one|two|three', ['|'], 'one')).toEqual({ given: ['o', 'n', 'e'], rest: '' });
    expect(pieces('abcabd', ['abd', 'cab'], 'ab').given).toEqual(['ab']);
  });
});
