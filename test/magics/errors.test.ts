import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../magics/errors.ts';

describe('the nearest valid name', () => {
  it.each([
    ['lable', 'label'],
    ['lael', 'label'],
    ['labell', 'label'],
    ['LABEL', 'label'],
    ['txet', 'text'],
  ])('%s is taken for %s', (typed, meant) => {
    expect(nearest(typed, ['text', 'label', 'other'])).toBe(meant);
  });

  it('is none where nothing is near: then all are named', () => {
    expect(nearest('colour', ['text', 'label'])).toBeUndefined();
    expect(suggestion('colour', ['text', 'label'], 'Columns')).toBe(' Columns: text, label.');
    expect(suggestion('colour', [])).toBe('');
  });
});
