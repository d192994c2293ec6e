import { describe, expect, it } from 'vitest';
import { headline, headlineMetric } from '../../../magics/governance/headline.ts';

describe('headlineMetric', () => {
  it("is the user's own metric, else the one that weighs most, else the first", () => {
    const bleu = { value: 0.5 };
    const own = { value: 0.9, signature: 'function:sameSchedule|bs:1000' };
    expect(headlineMetric({ bleu, exact_match: bleu })?.name).toBe('exact_match');
    expect(headlineMetric({ bleu, exact_match: bleu, sameSchedule: own })?.name).toBe('sameSchedule');
    expect(headlineMetric({ odd: bleu })?.name).toBe('odd');
    expect(headlineMetric({})).toBeUndefined();
  });
});

describe('headline', () => {
  it('names it in words, with its interval', () => {
    const sameSchedule = { value: 0.9312345, low: 0.91, high: 0.95, signature: 'function:sameSchedule' };
    expect(headline({ sameSchedule })).toBe('same schedule 0.9312 [0.91, 0.95]');
    expect(headline({ accuracy: { value: null } })).toBe('accuracy not determined');
  });
});
