import { describe, expect, it } from 'vitest';
import { accuracy, accuracyMetric } from '../../../../magics/eval/metrics/accuracy.ts';
import { exactMatch, exactMatchMetric } from '../../../../magics/eval/metrics/exact-match.ts';

describe('exactMatch', () => {
  it('compares texts as they are, but for white space at both ends', () => {
    expect(exactMatch(['30 9 * * 1-5\n', 'Yes', 'no'], ['30 9 * * 1-5', 'yes', 'no']).score).toBeCloseTo(2 / 3, 12);
    expect(exactMatch([' a'], ['a'], { trim: false }).score).toBe(0);
  });

  it('evens out case, punctuation and numbers when asked, and says so in its signature', () => {
    const options = { ignoreCase: true, ignorePunctuation: true, ignoreNumbers: true };
    const { score, signature } = exactMatch(['The CAT, 12.'], ['the cat '], options);
    expect(score).toBe(1);
    expect(signature).toBe('trim:yes|case:ignored|punct:ignored|numbers:ignored');
    expect(exactMatchMetric().signature).toBe('trim:yes|case:mixed|punct:kept|numbers:kept');
  });

  it('is undetermined for no samples', () => {
    expect(exactMatch([], []).score).toBeNull();
  });
});

describe('accuracy', () => {
  it('is the share of equal labels of any type', () => {
    expect(accuracy([1, 2, 3, 4], [1, 2, 0, 4]).score).toBe(0.75);
    expect(accuracy([true, false], [true, true]).score).toBe(0.5);
    expect(accuracy([], []).score).toBeNull();
  });

  it('reads the label from the first line of an answer', () => {
    expect(accuracyMetric.statistics({ prediction: '\ncard_lost\nbecause', reference: 'card_lost' })).toEqual([1, 1]);
    expect(accuracyMetric.statistics({ prediction: 'card', reference: 'card_lost' })).toEqual([0, 1]);
  });
});
