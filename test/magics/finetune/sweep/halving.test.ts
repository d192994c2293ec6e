import { describe, expect, it } from 'vitest';
import { rungsOf, survivors } from '../../../../magics/finetune/sweep/halving.ts';
import { bestOf, paretoFront } from '../../../../magics/finetune/sweep/pareto.ts';

describe('successive halving', () => {
  it('compares after min_iter * eta^k, or after the divisions of max_iter, as long as there is a choice', () => {
    expect(rungsOf({ min_iter: 2, eta: 3 }, 27)).toEqual({ rungs: [2, 6, 18], eta: 3 });
    expect(rungsOf({ min_iter: 1, eta: 2 }, 3).rungs).toEqual([1, 2]);
    expect(rungsOf({ max_iter: 27, s: 2, eta: 3 }, 27).rungs).toEqual([3, 9]);
    expect(rungsOf({ max_iter: 27, eta: 3 }, 1000).rungs).toEqual([1, 3, 9]);
  });

  it('keeps one in eta, at least one, in the order of the trials, and none without a value', () => {
    const trials = [5, 1, null, 3, 2, 4].map((value, id) => ({ id, value }));
    expect(survivors(trials, 3, 'minimize').map(({ id }) => id)).toEqual([1, 4]);
    expect(survivors(trials, 3, 'maximize').map(({ id }) => id)).toEqual([0, 5]);
    expect(survivors(trials.slice(0, 2), 10, 'minimize').map(({ id }) => id)).toEqual([1]);
    expect(survivors([{ value: null }], 2, 'minimize')).toEqual([]);
  });
});

describe('the Pareto front', () => {
  it('holds what nothing beats at the same or a lower cost', () => {
    const points = [
      { id: 'a', seconds: 1, value: 5 },
      { id: 'b', seconds: 2, value: 6 },
      { id: 'c', seconds: 3, value: 2 },
      { id: 'd', seconds: 3, value: 3 },
      { id: 'e', seconds: 9, value: 2 },
      { id: 'f', seconds: 0.5, value: null },
    ];
    expect(paretoFront(points, 'minimize').map(({ id }) => id)).toEqual(['a', 'c']);
    expect(paretoFront(points, 'maximize').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(bestOf(points, 'minimize')?.id).toBe('c');
    expect(bestOf(points.slice(5), 'minimize')).toBeUndefined();
  });
});
