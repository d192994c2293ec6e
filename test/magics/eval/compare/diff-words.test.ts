import { describe, expect, it } from 'vitest';
import { diffWords } from '../../../../magics/eval/compare/diff-words.ts';

const written = (old: string, now: string) =>
  diffWords(old, now).map(({ text, in: side }) =>
    side === 'both' ? text : side === 'old' ? `[-${text}]` : `{+${text}}`,
  );

describe('diffWords', () => {
  it.each([
    ['the cat sat', 'the dog sat', ['the ', '[-cat ]', '{+dog }', 'sat']],
    ['a b', 'a b c', ['a b ', '{+c}']],
    ['same', 'same', ['same']],
    ['', 'new', ['{+new}']],
    ['old', '', ['[-old]']],
    ['', '', []],
  ])('of %j and %j', (old, now, parts) => {
    expect(written(old, now)).toEqual(parts);
  });

  it('gives back the new text from its parts, and gives up on the words of very long texts', () => {
    const old = Array.from({ length: 50 }, (_, i) => `w${i % 7}`).join(' ');
    const now = Array.from({ length: 60 }, (_, i) => `w${i % 5}`).join('  ');
    const kept = diffWords(old, now).filter(({ in: side }) => side !== 'old');
    expect(kept.map(({ text }) => text).join('')).toBe(now);
    const long = 'word '.repeat(3000);
    expect(diffWords(long, `${long}x`).map(({ in: side }) => side)).toEqual(['old', 'new']);
  });
});
