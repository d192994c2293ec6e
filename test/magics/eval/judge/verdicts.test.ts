import { describe, expect, it } from 'vitest';
import { cohenKappa } from '../../../../magics/eval/judge/kappa.ts';
import { isPositionBound, readVerdict, settle } from '../../../../magics/eval/judge/pairwise.ts';
import { readScore } from '../../../../magics/eval/judge/rubric.ts';
import { statistics } from '../metrics/statistics.ts';

describe('readScore', () => {
  it.each([
    ['Good.\nScore: 4', 4],
    ['**Score:** 3.5', 3.5],
    ['score = 2', 2],
    ['Score: 2 at first, but then\nScore: 5', 5],
    ['{"reason": "fine", "score": 4}', 4],
    ['Score: 9', null],
    ['Score: 1-5', null],
    ['I would give it a four.', null],
    ['', null],
  ])('reads %j as %s', (text, score) => {
    expect(readScore(text, [1, 5])).toBe(score);
  });
});

describe('verdicts', () => {
  it.each([
    ['Verdict: A', 'first'],
    ['**Verdict:** b', 'second'],
    ['Verdict: tie.', 'tie'],
    ['Verdict: Alpha', null],
    ['A is better', null],
  ])('read %j as %s', (text, verdict) => {
    expect(readVerdict(text)).toBe(verdict);
  });

  it('settle only where both orders agree', () => {
    expect(settle('first', 'second')).toBe('first');
    expect(settle('second', 'first')).toBe('second');
    expect(settle('first', 'first')).toBe('tie');
    expect(settle('tie', 'second')).toBe('tie');
    expect(settle(null, 'second')).toBeNull();
    expect(isPositionBound('first', 'first')).toBe(true);
    expect(isPositionBound('tie', 'tie')).toBe(false);
  });
});

describe('cohenKappa', () => {
  it.each(statistics.kappa)('is scikit-learn’s with weights $weights', ({ one, other, weights, kappa }) => {
    expect(cohenKappa(one, other, weights).kappa).toBeCloseTo(kappa, 12);
  });

  it('leaves out what a side left undetermined, and is undetermined where chance explains all', () => {
    expect(cohenKappa([1, null, 2, 2], [1, 1, null, 2])).toMatchObject({ kappa: 1, n: 2, undetermined: 2 });
    expect(cohenKappa(['a', 'a'], ['a', 'a']).kappa).toBeNull();
    expect(cohenKappa([], []).agreement).toBeNull();
  });
});
