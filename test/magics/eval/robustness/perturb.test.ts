import { describe, expect, it } from 'vitest';
import { perturb, perturbations } from '../../../../magics/eval/robustness/perturb.ts';

const text = "Don't wake me on weekdays at half past nine";
const all = (kind: (typeof perturbations)[number]) => Array.from({ length: 40 }, (_, i) => perturb(text, kind, 1, i));

describe('perturb', () => {
  it.each(perturbations)('by %s is the same for the same seed and place, and varies', (kind) => {
    expect(all(kind)).toEqual(all(kind));
    expect(new Set(all(kind)).size).toBeGreaterThan(2);
    expect(all(kind).every((one) => one !== text)).toBe(true);
  });

  it('mistypes a letter or two, never the first of a word', () => {
    for (const one of all('typos')) {
      expect(Math.abs(one.length - text.length)).toBeLessThanOrEqual(7);
      expect(one.split(' ').map((word) => word[0])).toEqual(text.split(' ').map((word) => word[0]));
    }
  });

  it('changes only letter case, or only blanks', () => {
    for (const one of all('case')) expect(one.toLowerCase()).toBe(text.toLowerCase());
    for (const one of all('whitespace')) expect(one.split(/\s+/).filter(Boolean).join(' ')).toBe(text);
  });

  it('paraphrases by phrases and written-out contractions', () => {
    for (const one of all('paraphrase')) expect(one).toMatch(/Do not wake me on weekdays at half past nine/);
  });

  it('leaves a text without letters alone where there is nothing to mistype', () => {
    expect(perturb('1 + 1 = ?', 'typos', 1, 0)).toBe('1 + 1 = ?');
    expect(perturb('', 'typos', 1, 0)).toBe('');
  });
});
